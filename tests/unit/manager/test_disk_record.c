/* SPDX-License-Identifier: Apache-2.0 */
/* The record of which disks a partition that runs has. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "manager/disk_record.h"
#include "test_root.h"

static struct disk_record record, again;
static char text[DISK_RECORD_TEXT_MAX];
static struct err e;
static struct test_root root;

static void
setup(void)
{
	test_root_make(&root);
	test_root_write(&root, "run/mullion-disks/other", "");
}

static void
teardown(void)
{
	test_root_remove(&root);
}

TestSuite(disk_record, .init = setup, .fini = teardown);

static void
disk_at(unsigned lun, const char *as)
{
	cr_assert_eq(config_disk_parse(as, &record.disks[lun], &e), 0);
	record.has[lun] = true;
}

Test(disk_record, what_is_written_is_read_again)
{
	disk_at(0, "/a.img,readonly=yes");
	disk_at(63, "/b.iso,id=tools");
	cr_assert_eq(disk_record_store(&root.site, "web", &record, &e), 0,
	    "%s", e.text);
	cr_assert_eq(disk_record_load(&root.site, "web", &again, &e), 0);
	cr_expect_eq(memcmp(&record, &again, sizeof(record)), 0);
}

Test(disk_record, one_disk_comes_and_another_goes)
{
	disk_at(0, "/a.img");
	cr_assert_eq(disk_record_store(&root.site, "web", &record, &e), 0);
	disk_at(5, "/b.img");
	cr_assert_eq(disk_record_change(&root.site, "web", 5,
	    &record.disks[5], &e), 0);
	cr_assert_eq(disk_record_change(&root.site, "web", 0, NULL, &e), 0);
	cr_assert_eq(disk_record_load(&root.site, "web", &again, &e), 0);
	disk_record_print(&again, text);
	cr_expect_str_eq(text, "5 /b.img\n");
}

Test(disk_record, there_may_be_none)
{
	cr_expect_lt(disk_record_load(&root.site, "web", &record, &e), 0);
	cr_expect_eq(e.code, ENOENT);
}

Test(disk_record, the_first_is_of_the_configuration)
{
	static struct config config;

	config.disk_count = 2;
	config_disk_parse("/a.img", &config.disks[0], &e);
	config_disk_parse("/b.img", &config.disks[1], &e);
	disk_record_from_config(&config, &record);
	disk_record_print(&record, text);
	cr_expect_str_eq(text, "0 /a.img\n1 /b.img\n");
}

Test(disk_record, all_disks_fit)
{
	char path[CONFIG_DISK_PATH_MAX];

	memset(path, 'x', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	for (unsigned i = 0; i < DISKS_MAX; i++) {
		disk_at(i, "/x,format=iso,readonly=yes,full=error,"
		    "id=abcdefghijklmnopqrst");
		strcpy(record.disks[i].path, path);
	}
	cr_expect_lt(disk_record_print(&record, text), sizeof(text));
	cr_assert_eq(disk_record_parse(text, strlen(text), &again, &e), 0);
	cr_expect_eq(memcmp(&record, &again, sizeof(record)), 0);
}

Test(disk_record, nonsense_is_refused)
{
	static const char *const wrong[] = {
		"0 /a.img", "64 /a.img\n", "/a.img\n", "0 a.img\n", "0\n",
		"0  /a.img\n", "\n",
	};

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_expect_lt(disk_record_parse(wrong[i], strlen(wrong[i]),
		    &record, &e), 0, "%s", wrong[i]);
		cr_expect_eq(e.code, EINVAL);
	}
}
