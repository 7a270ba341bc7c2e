/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration file may say, and what is said of a wrong one. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "manager/config.h"

static int
parse(const char *text, struct config *c, struct err *e)
{
	return config_parse((const uint8_t *)text, strlen(text), c, e);
}

static void
expect_refused(const char *text, const char *part)
{
	struct err e = { 0 };
	struct config c;

	cr_expect_eq(parse(text, &c, &e), -1, "accepted: %s", text);
	cr_expect_eq(e.code, EINVAL, "code %d for: %s", e.code, text);
	cr_expect_not_null(strstr(e.text, part),
	    "\"%s\" does not contain \"%s\"", e.text, part);
}

Test(config, empty_file_means_the_defaults)
{
	struct config c, expected;
	struct err e = { 0 };

	config_default(&expected);
	cr_assert_eq(parse("", &c, &e), 0, "%s", e.text);
	cr_expect_arr_eq(&c, &expected, sizeof(c));
	cr_expect_eq(c.cpus, 1);
	cr_expect_eq(c.memory, UINT64_C(256) << 20);
	cr_expect_str_eq(c.kernel, CONFIG_DEFAULT_KERNEL);
	cr_expect_str_eq(c.initrd, CONFIG_DEFAULT_INITRD);
	cr_expect_not(c.start_at_boot);
}

Test(config, every_key_is_read)
{
	struct err e = { 0 };
	struct config c;

	cr_assert_eq(parse("# a comment\n"
			   "\n"
			   "cpus = 4\n"
			   "  memory\t=  2G  \r\n"
			   "kernel = /boot/a b\n"
			   "initrd=/boot/initrd\n"
			   "cmdline = root=/dev/sda1 # = not a comment\n"
			   "console = none\n"
			   "start-at-boot = yes", &c, &e), 0, "%s", e.text);
	cr_expect_eq(c.cpus, 4);
	cr_expect_eq(c.memory, UINT64_C(2) << 30);
	cr_expect_str_eq(c.kernel, "/boot/a b");
	cr_expect_str_eq(c.initrd, "/boot/initrd");
	cr_expect_str_eq(c.cmdline, "root=/dev/sda1 # = not a comment");
	cr_expect_eq(c.console, CONFIG_CONSOLE_NONE);
	cr_expect(c.start_at_boot);
}

Test(config, services_are_there_as_they_are_wanted)
{
	char text[CONFIG_TEXT_MAX];
	struct err e = { 0 };
	struct config c;

	cr_assert_eq(parse("", &c, &e), 0);
	cr_expect(c.integration);
	config_format(&c, text);
	cr_expect_null(strstr(text, "integration"));
	cr_assert_eq(parse("integration = no\n", &c, &e), 0);
	cr_expect_not(c.integration);
	config_format(&c, text);
	cr_expect_not_null(strstr(text, "integration = no\n"));
	cr_expect(c.sockets);
	cr_expect_null(strstr(text, "sockets"));
	cr_assert_eq(parse("sockets = no\n", &c, &e), 0);
	cr_expect_not(c.sockets);
	config_format(&c, text);
	cr_expect_not_null(strstr(text, "sockets = no\n"));
	cr_expect_not(c.keyboard);
	cr_expect_null(strstr(text, "keyboard"));
	cr_assert_eq(parse("keyboard = yes\n", &c, &e), 0);
	cr_expect(c.keyboard);
	config_format(&c, text);
	cr_expect_not_null(strstr(text, "keyboard = yes\n"));
	expect_refused("integration = 1", "neither \"yes\" nor \"no\"");
}

Test(config, own_kernel_comes_without_our_initrd)
{
	struct err e = { 0 };
	struct config c;

	cr_assert_eq(parse("kernel = /k\n", &c, &e), 0);
	cr_expect_str_eq(c.initrd, "");
	cr_assert_eq(parse("kernel = /k\ninitrd = /i\n", &c, &e), 0);
	cr_expect_str_eq(c.initrd, "/i");
	cr_assert_eq(parse("initrd = none\n", &c, &e), 0);
	cr_expect_str_eq(c.initrd, "");
}

Test(config, disk_without_a_kernel_is_booted_from)
{
	char text[CONFIG_TEXT_MAX];
	struct err e = { 0 };
	struct config c;

	cr_assert_eq(parse("disk = /a.img\n", &c, &e), 0);
	cr_expect(c.from_disk);
	cr_expect_str_eq(c.kernel, CONFIG_LOADER_KERNEL);
	cr_expect_str_eq(c.initrd, CONFIG_LOADER_INITRD);
	config_format(&c, text);
	cr_expect_null(strstr(text, "kernel"));
	cr_assert_eq(parse(text, &c, &e), 0);
	cr_expect(c.from_disk);

	cr_assert_eq(parse("disk = /a.iso,format=iso\n", &c, &e), 0);
	cr_expect_not(c.from_disk, "a DVD has no system");
	cr_expect_str_eq(c.kernel, CONFIG_DEFAULT_KERNEL);
	cr_assert_eq(parse("disk = /a.img\nkernel = /k\n", &c, &e), 0);
	cr_expect_not(c.from_disk);
	cr_assert_eq(parse("initrd = /i\ndisk = /a.img\n", &c, &e), 0);
	cr_expect_not(c.from_disk);
	cr_expect_str_eq(c.initrd, "/i");
}

Test(config, wrong_lines_are_named_by_number)
{
	expect_refused("cpus = 1\ncups = 2\n", "line 2: unknown key \"cups\"");
	expect_refused("\n\nhello\n", "line 3: \"hello\" is not of the form");
	expect_refused("cpus = 1\ncpus = 1\n", "line 2: cpus was said before");
	expect_refused("= 3\n", "line 1: unknown key \"\"");
}

Test(config, unknown_key_lists_the_known_ones)
{
	expect_refused("x = 1", "cpus, memory, memory-min, memory-max, "
	    "kernel, initrd, cmdline, console, start-at-boot");
}

Test(config, wrong_values_say_what_would_be_right)
{
	expect_refused("cpus = 0", "not from 1 to 64");
	expect_refused("cpus = 65", "not from 1 to 64");
	expect_refused("cpus = two", "not a number from 1 to 64");
	expect_refused("cpus = -1", "not a number");
	expect_refused("cpus =", "not a number");
	expect_refused("memory = 256", "write 256M for MiB");
	expect_refused("memory = 2M", "not from 4M to 4T");
	expect_refused("memory = 5T", "not from 4M to 4T");
	expect_refused("memory = 5M", "not a multiple of 2M");
	expect_refused("kernel = vmlinuz", "not an absolute path");
	expect_refused("kernel =", "not an absolute path");
	expect_refused("initrd = initrd", "neither an absolute path nor");
	expect_refused("console = vga", "neither \"serial\" nor \"none\"");
	expect_refused("start-at-boot = true", "neither \"yes\" nor \"no\"");
	expect_refused("cmdline = a\x01z", "control character (0x01)");
}

Test(config, memory_may_have_limits_of_its_own)
{
	char text[CONFIG_TEXT_MAX];
	struct err e = { 0 };
	struct config c;

	cr_assert_eq(parse("memory-max = 1G\nmemory-min = 128M\n", &c, &e), 0,
	    "%s", e.text);
	cr_expect_eq(c.memory_min, UINT64_C(128) << 20);
	cr_expect_eq(config_memory_most(&c), UINT64_C(1) << 30);
	config_format(&c, text);
	cr_expect_not_null(strstr(text,
	    "memory-min = 128M\nmemory-max = 1G\n"));
	cr_assert_eq(parse("memory = 8M", &c, &e), 0);
	cr_expect_eq(config_memory_most(&c), 8 << 20);
	config_format(&c, text);
	cr_expect_null(strstr(text, "memory-m"));
	expect_refused("memory-min = 512M", "is more than memory, 256M");
	expect_refused("memory-max = 128M", "is less than memory, 256M");
	expect_refused("memory-max = 5M", "memory-max: 5M is not a multiple");
}

Test(config, limits_of_memory_are_accepted)
{
	struct err e = { 0 };
	struct config c;

	cr_expect_eq(parse("memory = 4M", &c, &e), 0, "%s", e.text);
	cr_expect_eq(parse("memory = 4T", &c, &e), 0, "%s", e.text);
	cr_expect_eq(parse("cpus = 64", &c, &e), 0, "%s", e.text);
}

Test(config, nul_byte_is_refused)
{
	static const uint8_t text[] = "cpus = 1\0\ncpus = 2\n";
	struct err e = { 0 };
	struct config c;

	cr_expect_eq(config_parse(text, sizeof(text) - 1, &c, &e), -1);
	cr_expect_not_null(strstr(e.text, "NUL"));
}

Test(config, too_large_a_file_is_refused)
{
	uint8_t text[CONFIG_TEXT_MAX];
	struct err e = { 0 };
	struct config c;

	memset(text, '\n', sizeof(text));
	cr_expect_eq(config_parse(text, sizeof(text), &c, &e), -1);
	cr_expect_eq(config_parse(text, sizeof(text) - 1, &c, &e), 0);
}

Test(config, longest_values_fit_and_one_more_does_not)
{
	char value[CONFIG_CMDLINE_MAX + 1];
	struct err e = { 0 };
	struct config c;

	config_default(&c);
	memset(value, '/', sizeof(value));
	value[CONFIG_CMDLINE_MAX - 1] = '\0';
	cr_expect_eq(config_set(&c, CONFIG_KEY_CMDLINE, value, &e), 0);
	value[CONFIG_CMDLINE_MAX - 1] = '/';
	value[CONFIG_CMDLINE_MAX] = '\0';
	cr_expect_eq(config_set(&c, CONFIG_KEY_CMDLINE, value, &e), -1);
	value[CONFIG_PATH_MAX] = '\0';
	cr_expect_eq(config_set(&c, CONFIG_KEY_KERNEL, value, &e), -1);
	cr_expect_eq(config_set(&c, CONFIG_KEY_INITRD, value, &e), -1);
	value[CONFIG_PATH_MAX - 1] = '\0';
	cr_expect_eq(config_set(&c, CONFIG_KEY_KERNEL, value, &e), 0);
}

Test(config, refused_value_leaves_the_old_one)
{
	struct err e = { 0 };
	struct config c;

	config_default(&c);
	cr_assert_eq(config_set(&c, CONFIG_KEY_CPUS, "3", &e), 0);
	cr_expect_eq(config_set(&c, CONFIG_KEY_CPUS, "99", &e), -1);
	cr_expect_eq(c.cpus, 3);
	cr_expect_eq(config_set(&c, CONFIG_KEY_CMDLINE, " x", &e), -1);
	cr_expect_str_eq(c.cmdline, CONFIG_DEFAULT_CMDLINE);
}

Test(config, what_is_written_is_read_back)
{
	char text[CONFIG_TEXT_MAX];
	struct config c, again;
	struct err e = { 0 };
	size_t len;

	config_default(&c);
	c.cpus = 7;
	c.memory = UINT64_C(1026) << 20;
	memset(c.cmdline, 'a', sizeof(c.cmdline) - 1);
	memset(c.kernel + 1, 'k', sizeof(c.kernel) - 2);
	c.console = CONFIG_CONSOLE_NONE;
	c.start_at_boot = true;
	memset(c.initrd, 0, sizeof(c.initrd));
	len = config_format(&c, text);
	cr_assert_eq(len, strlen(text));
	cr_assert_eq(config_parse((const uint8_t *)text, len, &again, &e), 0,
	    "%s", e.text);
	cr_expect_eq(again.cpus, c.cpus);
	cr_expect_eq(again.memory, c.memory);
	cr_expect_str_eq(again.kernel, c.kernel);
	cr_expect_str_eq(again.initrd, "");
	cr_expect_str_eq(again.cmdline, c.cmdline);
	cr_expect_eq(again.console, CONFIG_CONSOLE_NONE);
	cr_expect(again.start_at_boot);
}

Test(config, missing_kernel_is_named)
{
	struct err e = { 0 };
	struct config c;

	config_default(&c);
	strcpy(c.kernel, "/nonexistent/vmlinuz");
	cr_expect_eq(config_check_files(&c, &e), -1);
	cr_expect_eq(e.code, ENOENT);
	cr_expect_not_null(strstr(e.text, "kernel: /nonexistent/vmlinuz: "));
}

Test(config, folder_or_empty_file_is_no_initrd)
{
	struct err e = { 0 };
	struct config c;

	config_default(&c);
	strcpy(c.kernel, "/proc/self/exe");
	strcpy(c.initrd, "/");
	cr_expect_eq(config_check_files(&c, &e), -1);
	cr_expect_not_null(strstr(e.text, "initrd: /: not a regular file"));
	strcpy(c.initrd, "/proc/self/maps");
	cr_expect_eq(config_check_files(&c, &e), -1);
	cr_expect_not_null(strstr(e.text, "empty"));
	c.initrd[0] = '\0';
	cr_expect_eq(config_check_files(&c, &e), 0);
}
