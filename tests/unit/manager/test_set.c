/* SPDX-License-Identifier: Apache-2.0 */
/* Defining, listing, loading and deleting partitions. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_systemd.h"
#include "manager/partition.h"

#define DEMO "etc/mullion/partitions/demo.conf"

static struct test_root root;
static struct fake_systemd fake;
static struct systemd *bus;

static void
set_up(void)
{
	struct err e = { 0 };

	test_root_make(&root);
	memset(&fake, 0, sizeof(fake));
	fake.active = "inactive";
	fake_systemd_start(&fake, &root);
	bus = systemd_open(&root.site, &e);
	cr_assert_not_null(bus, "%s", e.text);
}

static void
tear_down(void)
{
	systemd_close(bus);
	fake_systemd_stop(&fake);
	test_root_remove(&root);
}

static bool
exists(const char *path)
{
	char full[SITE_PATH_MAX];
	struct stat st;

	snprintf(full, sizeof(full), "%s/%s", root.path, path);
	return lstat(full, &st) == 0;
}

TestSuite(set, .init = set_up, .fini = tear_down, .timeout = 30);

Test(set, without_a_folder_there_are_none)
{
	AUTO_NAMES struct names names = { 0 };
	struct err e = { 0 };

	cr_assert_eq(partition_names(&root.site, &names, &e), 0);
	cr_expect_eq(names.count, 0);
}

Test(set, names_are_sorted_and_other_files_passed_over)
{
	AUTO_NAMES struct names names = { 0 };
	struct err e = { 0 };

	test_root_write(&root, "etc/mullion/partitions/web.conf", "");
	test_root_write(&root, DEMO, "");
	test_root_write(&root, "etc/mullion/partitions/.conf", "");
	test_root_write(&root, "etc/mullion/partitions/Bad.conf", "");
	test_root_write(&root, "etc/mullion/partitions/x.conf.AbCdEf", "");
	test_root_write(&root, "etc/mullion/partitions/README", "");
	cr_assert_eq(partition_names(&root.site, &names, &e), 0);
	cr_assert_eq(names.count, 2);
	cr_expect_str_eq(names.name[0], "demo");
	cr_expect_str_eq(names.name[1], "web");
}

Test(set, what_is_defined_can_be_loaded)
{
	struct partition p;
	struct err e = { 0 };
	struct config c;

	config_default(&c);
	c.cpus = 3;
	c.start_at_boot = true;
	cr_assert_eq(partition_define(&root.site, bus, "demo", &c, &e), 0,
	    "%s", e.text);
	cr_expect(fake.enabled);
	cr_assert_eq(partition_load(&root.site, bus, "demo", &p, &e), 0);
	cr_expect_str_eq(p.name, "demo");
	cr_expect(p.config_valid);
	cr_expect_eq(p.config.cpus, 3);
	cr_expect_eq(p.state, PARTITION_STOPPED);
}

Test(set, defining_twice_is_refused_and_changes_nothing)
{
	struct err e = { 0 };
	struct config c;

	test_root_write(&root, DEMO, "cpus = 2\n");
	config_default(&c);
	cr_expect_eq(partition_define(&root.site, bus, "demo", &c, &e), -1);
	cr_expect_eq(e.code, ERR_EXISTS);
	cr_expect_str_eq(test_root_read(&root, DEMO), "cpus = 2\n");
}

Test(set, failed_definition_leaves_nothing)
{
	struct err e = { 0 };
	struct config c;

	config_default(&c);
	c.start_at_boot = true;
	fake.refuses_enabling = true;
	cr_expect_eq(partition_define(&root.site, bus, "demo", &c, &e), -1);
	cr_expect_not(exists(DEMO));
}

Test(set, broken_file_is_loaded_with_its_fault)
{
	struct partition p;
	struct err e = { 0 };

	test_root_write(&root, DEMO, "cpus = many\n");
	cr_assert_eq(partition_load(&root.site, bus, "demo", &p, &e), 0);
	cr_expect_not(p.config_valid);
	cr_expect_not_null(strstr(p.config_err.text, "demo.conf: line 1: "));
}

Test(set, unknown_partition_is_told_with_what_to_do)
{
	struct partition p;
	struct err e = { 0 };

	cr_expect_eq(partition_load(&root.site, bus, "demo", &p, &e), -1);
	cr_expect_eq(e.code, ERR_NO_PARTITION);
	cr_expect_not_null(strstr(e.text, "mullion create demo"));
}

Test(set, status_of_the_worker_is_seen)
{
	struct partition p;
	struct err e = { 0 };

	test_root_write(&root, DEMO, "");
	test_root_write(&root, "run/mullion/demo/status.json",
	    "{\"state\":\"stopped\",\"reason\":\"the guest powered off\"}");
	cr_assert_eq(partition_load(&root.site, bus, "demo", &p, &e), 0);
	cr_expect_str_eq(p.reason, "the guest powered off");
}

Test(set, redefining_replaces_the_file_and_boot_setting)
{
	static const char text[] = "# mine\nstart-at-boot = yes\n";
	struct err e = { 0 };
	struct config c;

	test_root_write(&root, DEMO, "");
	cr_assert_eq(config_parse((const uint8_t *)text, strlen(text), &c,
	    &e), 0);
	cr_assert_eq(partition_redefine(&root.site, bus, "demo", text,
	    strlen(text), &c, &e), 0, "%s", e.text);
	cr_expect(fake.enabled);
	cr_expect_str_eq(test_root_read(&root, DEMO), text);
}

Test(set, deleting_leaves_nothing)
{
	struct err e = { 0 };

	test_root_write(&root, DEMO, "");
	test_root_write(&root, "run/mullion/demo/status.json", "{}");
	test_root_write(&root, "run/mullion/demo/channels/tea", "");
	test_root_write(&root, "var/log/mullion/demo/console.log", "hello");
	test_root_write(&root, "run/mullion/web/status.json", "{}");
	fake.enabled = true;
	test_root_write(&root, "run/mullion/demo/sockets/vsock_1", "");
	cr_assert_eq(partition_delete(&root.site, bus, "demo", &e), 0, "%s",
	    e.text);
	cr_expect_not(fake.enabled);
	cr_expect_not(exists(DEMO));
	cr_expect_not(exists("run/mullion/demo"));
	cr_expect_not(exists("var/log/mullion/demo"));
	cr_expect(exists("run/mullion/web/status.json"));
	cr_expect_not_null(strstr(fake.calls, "ResetFailedUnit"));
}

Test(set, failed_deletion_can_be_done_again)
{
	struct err e = { 0 };

	test_root_write(&root, DEMO, "");
	test_root_write(&root, "run/mullion/demo/folder/file", "");
	cr_expect_eq(partition_delete(&root.site, bus, "demo", &e), -1);
	cr_expect(exists(DEMO));
}
