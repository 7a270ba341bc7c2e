/* SPDX-License-Identifier: Apache-2.0 */
/* Names of keys, and what is sent for them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "keyboard/keys.h"

static struct key_event events[KEYS_EVENTS_MAX];
static size_t count;
static struct err e;

static void
expect_event(size_t i, uint16_t code, uint32_t flags)
{
	cr_expect_eq(events[i].code, code, "%zu", i);
	cr_expect_eq(events[i].flags, flags, "%zu", i);
}

Test(keys, go_down_and_up)
{
	cr_assert_eq(keys_parse("a", events, &count, &e), 0);
	cr_assert_eq(count, 2);
	expect_event(0, 0x1e, 0);
	expect_event(1, 0x1e, KEY_BREAK);
}

Test(keys, at_once_go_up_in_the_opposite_order)
{
	cr_assert_eq(keys_parse("ctrl-alt-del", events, &count, &e), 0);
	cr_assert_eq(count, 6);
	expect_event(0, 0x1d, 0);
	expect_event(1, 0x38, 0);
	expect_event(2, 0x53, KEY_E0);
	expect_event(3, 0x53, KEY_E0 | KEY_BREAK);
	expect_event(4, 0x38, KEY_BREAK);
	expect_event(5, 0x1d, KEY_BREAK);
}

Test(keys, follow_each_other)
{
	cr_assert_eq(keys_parse("  l  s enter ", events, &count, &e), 0);
	cr_assert_eq(count, 6);
	expect_event(2, 0x1f, 0);
	expect_event(4, 0x1c, 0);
}

static void
expect_refused(const char *text, const char *why)
{
	cr_expect_eq(keys_parse(text, events, &count, &e), -1, "%s", text);
	cr_expect_eq(e.code, EINVAL);
	cr_expect_not_null(strstr(e.text, why), "%s", e.text);
}

Test(keys, that_there_are_not_are_refused)
{
	expect_refused("ctrl-alt-delete", "no key \"delete\"");
	expect_refused("A", "no key \"A\"");
	expect_refused("ctrl-", "no key \"\"");
	expect_refused("-", "no key \"\"");
	expect_refused("", "no key is named");
	expect_refused("   ", "no key is named");
}

Test(keys, are_bounded_in_number)
{
	char text[KEYS_EVENTS_MAX + 3];

	for (size_t i = 0; i < KEYS_EVENTS_MAX / 2 + 1; i++)
		memcpy(text + 2 * i, "a ", 3);
	expect_refused(text, "more than 256 keys");
	text[KEYS_EVENTS_MAX] = '\0';
	cr_expect_eq(keys_parse(text, events, &count, &e), 0);
	cr_expect_eq(count, KEYS_EVENTS_MAX);
	cr_expect_eq(keys_parse("a-b-c-d-e-f-g-h", events, &count, &e), 0);
	expect_refused("a-b-c-d-e-f-g-h-i", "more than 8 keys at once");
}
