/* SPDX-License-Identifier: Apache-2.0 */
/* Asking workers, against one that is made up. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_worker.h"
#include "manager/control.h"

static struct test_root root;
static struct fake_worker worker;

static void
set_up(void)
{
	test_root_make(&root);
	memset(&worker, 0, sizeof(worker));
}

static void
tear_down(void)
{
	test_root_remove(&root);
}

TestSuite(control, .init = set_up, .fini = tear_down, .timeout = 30);

Test(control, each_operation_has_its_name)
{
	struct err e = { 0 };

	worker.reply = "{\"ok\":true}";
	fake_worker_start(&worker, &root, "demo");
	cr_expect_eq(control_ask(&root.site, "demo", CONTROL_PAUSE, &e), 0);
	cr_expect_eq(control_ask(&root.site, "demo", CONTROL_RESUME, &e), 0);
	cr_expect_eq(control_ask(&root.site, "demo", CONTROL_POWER_BUTTON,
	    &e), 0);
	cr_expect_eq(control_ask(&root.site, "demo", CONTROL_QUIT, &e), 0);
	fake_worker_stop(&worker);
	cr_expect_str_eq(worker.asked, "{\"op\":\"pause\"} "
	    "{\"op\":\"resume\"} {\"op\":\"powerbutton\"} "
	    "{\"op\":\"quit\"} ");
}

Test(control, refusal_has_the_words_of_the_worker)
{
	struct err e = { 0 };

	worker.reply = "{\"ok\":false,\"error\":\"it is paused already\"}";
	fake_worker_start(&worker, &root, "demo");
	cr_expect_eq(control_ask(&root.site, "demo", CONTROL_PAUSE, &e), -1);
	fake_worker_stop(&worker);
	cr_expect_eq(e.code, EIO);
	cr_expect_str_eq(e.text, "it is paused already");
}

Test(control, status_and_stats_come_back)
{
	static struct partition_stats stats;
	struct err e = { 0 };
	struct status status;

	worker.reply = "{\"ok\":true,\"state\":\"paused\",\"vps\":"
		       "[{\"index\":0,\"hypercalls\":5}]}";
	fake_worker_start(&worker, &root, "demo");
	cr_expect_eq(control_status(&root.site, "demo", &status, &e), 0);
	cr_expect_eq(control_stats(&root.site, "demo", &stats, &e), 0);
	fake_worker_stop(&worker);
	cr_expect_eq(status.state, STATUS_PAUSED);
	cr_expect_eq(stats.vp[0].hypercalls, 5);
}

Test(control, worker_that_is_not_there_is_told)
{
	struct err e = { 0 };

	cr_expect_eq(control_ask(&root.site, "demo", CONTROL_PAUSE, &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
	cr_expect_eq(console_connect(&root.site, "demo", &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
}

Test(control, worker_that_hangs_up_is_told)
{
	struct err e = { 0 };

	fake_worker_start(&worker, &root, "demo");
	cr_expect_eq(control_ask(&root.site, "demo", CONTROL_PAUSE, &e), -1);
	fake_worker_stop(&worker);
	cr_expect_eq(e.code, ENOTCONN);
	cr_expect_str_eq(e.text, "the worker ended instead of answering");
}

Test(control, console_is_a_stream)
{
	int listener = fake_listen(&root, "demo", "console.sock", SOCK_STREAM);
	struct err e = { 0 };
	int fd = console_connect(&root.site, "demo", &e);

	cr_expect_geq(fd, 0, "%s", e.text);
	close(fd);
	close(listener);
}
