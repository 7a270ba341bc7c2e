/* SPDX-License-Identifier: Apache-2.0 */
/* What may be said of raw channels, and what is said of wrong ones. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "manager/config.h"

#define CLASS "12345678-9abc-def0-1234-56789abcdef0"

static struct err e;
static struct config_channel c;
static struct config config;

static void
expect_refused(const char *text, const char *part)
{
	struct config_channel old = { .name = "old" };

	cr_expect_eq(config_channel_parse(text, &old, &e), -1,
	    "accepted: %s", text);
	cr_expect_eq(e.code, EINVAL);
	cr_expect_str_eq(old.name, "old");
	cr_expect_not_null(strstr(e.text, part),
	    "\"%s\" does not contain \"%s\"", e.text, part);
}

Test(config_channel, class_alone)
{
	char name[CONFIG_CHANNEL_NAME_MAX], instance[CONFIG_GUID_MAX];

	cr_assert_eq(config_channel_parse(
	    "12345678-9ABC-DEF0-1234-56789ABCDEF0", &c, &e), 0);
	cr_expect_str_eq(c.class_id, CLASS);
	config_channel_name(&c, 3, name);
	cr_expect_str_eq(name, "channel-3");
	config_channel_instance(&c, 3, instance);
	cr_expect_str_eq(instance, "12345678-9abc-def0-1234-56789abc0004");
}

Test(config_channel, options_come_back_as_they_were)
{
	static const char text[] = CLASS
	    ",instance=00000000-0000-0000-0000-00000000000a,name=a-b,user=bin";
	char out[CONFIG_CHANNEL_TEXT_MAX];

	cr_assert_eq(config_channel_parse(text, &c, &e), 0, "%s", e.text);
	cr_expect_str_eq(c.name, "a-b");
	cr_expect_str_eq(c.user, "bin");
	config_channel_print(&c, out);
	cr_expect_str_eq(out, text);
}

Test(config_channel, wrong_ones_are_told_what_is_right)
{
	expect_refused("", "of the form");
	expect_refused("12345678-9abc-def0-1234-56789abcdef", "of the form");
	expect_refused("12345678-9abc-def0-1234-56789abcdefg", "of the form");
	expect_refused("12345678x9abc-def0-1234-56789abcdef0", "of the form");
	expect_refused(CLASS ",", "instance=, name= and user=");
	expect_refused(CLASS ",size=1", "but not \"size\"");
	expect_refused(CLASS ",instance=1", "of the form");
	expect_refused(CLASS ",name=", "1 to 32 letters in lower case");
	expect_refused(CLASS ",name=../x", "1 to 32 letters");
	expect_refused(CLASS ",name=-x", "1 to 32 letters");
	expect_refused(CLASS ",name=a,name=b", "said twice");
	expect_refused(CLASS ",user=a b", "1 to 32 letters, digits");
}

Test(config_channel, two_must_differ)
{
	config_default(&config);
	cr_assert_eq(config_set(&config, CONFIG_KEY_CHANNEL, CLASS ",name=a",
	    &e), 0);
	cr_expect_eq(config_set(&config, CONFIG_KEY_CHANNEL, CLASS ",name=a",
	    &e), -1);
	cr_expect_eq(config_set(&config, CONFIG_KEY_CHANNEL, CLASS
	    ",instance=12345678-9abc-def0-1234-56789abc0001", &e), -1);
	cr_expect_eq(config_set(&config, CONFIG_KEY_CHANNEL, CLASS, &e), 0);
	cr_expect_eq(config.channel_count, 2);
}

Test(config_channel, unknown_users_are_found_before_the_start)
{
	config_default(&config);
	strcpy(config.kernel, "/proc/self/exe");
	config.initrd[0] = '\0';
	cr_assert_eq(config_set(&config, CONFIG_KEY_CHANNEL, CLASS
	    ",user=nobody-of-this-name", &e), 0);
	cr_expect_eq(config_check_files(&config, &e), -1);
}
