/* SPDX-License-Identifier: Apache-2.0 */
/* What may be said of disks, and what is said of wrong ones. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	struct config_disk d = { .path = "/old" };

	cr_expect_eq(config_disk_parse(text, &d, &e), -1, "accepted: %s",
	    text);
	cr_expect_eq(e.code, EINVAL);
	cr_expect_str_eq(d.path, "/old");
	cr_expect_not_null(strstr(e.text, part),
	    "\"%s\" does not contain \"%s\"", e.text, part);
}

Test(config_disk, path_alone_is_a_writable_raw_disk)
{
	struct err e = { 0 };
	struct config_disk d;

	cr_assert_eq(config_disk_parse("/a b/c=d.img", &d, &e), 0, "%s",
	    e.text);
	cr_expect_str_eq(d.path, "/a b/c=d.img");
	cr_expect_eq(d.format, CONFIG_DISK_RAW);
	cr_expect_eq(d.full, CONFIG_DISK_FULL_PAUSE);
	cr_expect_not(d.readonly);
	cr_expect_str_eq(d.id, "");
}

Test(config_disk, options_follow_in_any_order)
{
	struct err e = { 0 };
	struct config_disk d;

	cr_assert_eq(config_disk_parse(
	    "/d,id=Data_1.x-y,full=error,readonly=yes,format=raw", &d, &e), 0,
	    "%s", e.text);
	cr_expect_str_eq(d.path, "/d");
	cr_expect_str_eq(d.id, "Data_1.x-y");
	cr_expect_eq(d.full, CONFIG_DISK_FULL_ERROR);
	cr_expect(d.readonly);
}

Test(config_disk, dvd_is_only_read)
{
	struct err e = { 0 };
	struct config_disk d;

	cr_assert_eq(config_disk_parse("/x.iso,format=iso", &d, &e), 0);
	cr_expect(d.readonly);
	expect_refused("/x.iso,readonly=no,format=iso", "cannot be written");
}

Test(config_disk, vhdx_is_only_read)
{
	char text[CONFIG_DISK_TEXT_MAX];
	struct err e = { 0 };
	struct config_disk d;

	cr_assert_eq(config_disk_parse("/x.vhdx", &d, &e), 0);
	cr_expect_eq(d.format, CONFIG_DISK_VHDX);
	cr_expect(d.readonly);
	config_disk_print(&d, text);
	cr_expect_str_eq(text, "/x.vhdx");
	expect_refused("/x.vhdx,readonly=no", "VHDX is only read");
}

Test(config_disk, name_tells_the_format_if_nothing_else_does)
{
	static const char *const raw[] = { "/x.qcow2,format=raw",
		"/x.iso,format=raw", "/x.img", "/qcow2", "/x.iso.img" };
	char text[CONFIG_DISK_TEXT_MAX];
	struct err e = { 0 };
	struct config_disk d;

	cr_assert_eq(config_disk_parse("/x.ISO", &d, &e), 0);
	cr_expect_eq(d.format, CONFIG_DISK_ISO);
	cr_expect(d.readonly);
	config_disk_print(&d, text);
	cr_expect_str_eq(text, "/x.ISO");
	for (unsigned i = 0; i < sizeof(raw) / sizeof(raw[0]); i++) {
		cr_assert_eq(config_disk_parse(raw[i], &d, &e), 0);
		cr_expect_eq(d.format, CONFIG_DISK_RAW);
		config_disk_print(&d, text);
		cr_expect_str_eq(text, raw[i]);
	}
	cr_assert_eq(config_disk_parse("/x.qcow2", &d, &e), 0);
	cr_expect_eq(d.format, CONFIG_DISK_QCOW2);
	cr_expect_not(d.readonly);
	config_disk_print(&d, text);
	cr_expect_str_eq(text, "/x.qcow2");
	cr_assert_eq(config_disk_parse("/x.img,format=qcow2", &d, &e), 0);
	config_disk_print(&d, text);
	cr_expect_str_eq(text, "/x.img,format=qcow2");
	expect_refused("/x.vmdk", "vmdk is not served: convert it");
	expect_refused("/x.vdi,readonly=yes", "or add format=raw");
	expect_refused("/x.iso,readonly=no", "goes with format=raw");
}

Test(config_disk, wrong_words_say_what_would_be_right)
{
	expect_refused("", "not an absolute path");
	expect_refused("web.img", "not an absolute path: begin it with /");
	expect_refused("/d,", "format=, readonly=, full= and id=");
	expect_refused("/d,readonly", "but not \"readonly\"");
	expect_refused("/d,raw=yes", "but not \"raw=yes\"");
	expect_refused("/d,format=qcow", "neither \"raw\" nor \"iso\" nor ");
	expect_refused("/d,readonly=true", "neither \"no\" nor \"yes\"");
	expect_refused("/d,full=", "neither \"pause\" nor \"error\"");
	expect_refused("/d,id=", "1 to 20 characters");
	expect_refused("/d,id=123456789012345678901", "1 to 20 characters");
	expect_refused("/d,id=a b", "other characters");
	expect_refused("/d,id=a,id=b", "id was said twice");
}

Test(config_disk, longest_path_fits_and_one_more_does_not)
{
	char text[CONFIG_DISK_PATH_MAX + 1];
	struct err e = { 0 };
	struct config_disk d;

	memset(text, '/', sizeof(text));
	text[CONFIG_DISK_PATH_MAX] = '\0';
	cr_expect_eq(config_disk_parse(text, &d, &e), -1);
	text[CONFIG_DISK_PATH_MAX - 1] = '\0';
	cr_expect_eq(config_disk_parse(text, &d, &e), 0);
}

Test(config_disk, several_lines_keep_their_order)
{
	struct err e = { 0 };
	struct config c;

	cr_assert_eq(parse("disk = /one\ncpus = 2\ndisk = /two,id=b\n", &c,
	    &e), 0, "%s", e.text);
	cr_assert_eq(c.disk_count, 2);
	cr_expect_str_eq(c.disks[0].path, "/one");
	cr_expect_str_eq(c.disks[1].path, "/two");
	cr_expect_eq(parse("disk = /one\ndisk = one\n", &c, &e), -1);
	cr_expect_not_null(strstr(e.text, "line 2: disk: \"one\""));
}

Test(config_disk, same_file_or_id_twice_is_refused)
{
	struct err e = { 0 };
	struct config c;

	cr_expect_eq(parse("disk = /one\ndisk = /one,readonly=yes\n", &c, &e),
	    -1);
	cr_expect_not_null(strstr(e.text, "/one is one already"));
	cr_expect_eq(parse("disk = /one,id=a\ndisk = /two,id=a\n", &c, &e),
	    -1);
	cr_expect_not_null(strstr(e.text, "that of another"));
}

Test(config_disk, most_disks_with_longest_lines_are_read_back)
{
	static struct config c, again;
	static char text[CONFIG_TEXT_MAX];
	struct err e = { 0 };
	size_t len;

	config_default(&c);
	memset(c.cmdline, 'a', sizeof(c.cmdline) - 1);
	memset(c.kernel, '/', sizeof(c.kernel) - 1);
	memset(c.initrd, '/', sizeof(c.initrd) - 1);
	for (unsigned i = 0; i < CONFIG_DISKS_MAX; i++) {
		struct config_disk *d = &c.disks[i];

		memset(d->path, '/', sizeof(d->path) - 1);
		d->path[1] = (char)('a' + i);
		snprintf(d->id, sizeof(d->id), "%020u", i);
		d->readonly = true;
		d->full = CONFIG_DISK_FULL_ERROR;
	}
	c.disk_count = CONFIG_DISKS_MAX;
	len = config_format(&c, text);
	cr_assert_eq(len, strlen(text));
	cr_assert_eq(config_parse((const uint8_t *)text, len, &again, &e), 0,
	    "%s", e.text);
	cr_expect_arr_eq(&again, &c, sizeof(c));
	cr_expect_eq(config_set(&c, CONFIG_KEY_DISK, "/more", &e), -1);
	cr_expect_not_null(strstr(e.text, "more than 16"));
}

Test(config_disk, missing_or_empty_file_is_named)
{
	char path[] = "/tmp/mullion-disk-XXXXXX";
	struct err e = { 0 };
	struct config c;
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	config_default(&c);
	strcpy(c.kernel, "/proc/self/exe");
	c.initrd[0] = '\0';
	cr_assert_eq(config_set(&c, CONFIG_KEY_DISK, path, &e), 0);
	cr_expect_eq(config_check_files(&c, &e), -1);
	cr_expect_not_null(strstr(e.text, "smaller than a block"));
	cr_assert_eq(ftruncate(fd, 512), 0);
	cr_expect_eq(config_check_files(&c, &e), 0, "%s", e.text);
	unlink(path);
	cr_expect_eq(config_check_files(&c, &e), -1);
	cr_expect_eq(e.code, ENOENT);
	cr_assert_eq(config_set(&c, CONFIG_KEY_DISK, "/,readonly=yes", &e), 0);
	c.disks[0] = c.disks[1];
	cr_expect_eq(config_check_files(&c, &e), -1);
	cr_expect_not_null(strstr(e.text, "neither a regular file nor"));
	close(fd);
}
