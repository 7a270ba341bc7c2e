/* SPDX-License-Identifier: Apache-2.0 */
/* Files that arrive whole, or not at all with a reason. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "guest.h"
#include "integration/fcopy.h"
#include "integration/utf16.h"

#define SIZE 20000u

static struct fcopy f;
static struct guest g;
static struct err e;
static uint8_t source[SIZE], target[SIZE];

static void
set_up(void)
{
	for (size_t i = 0; i < SIZE; i++)
		source[i] = (uint8_t)(i * 7 + i / 256);
	fcopy_init(&f);
	guest_open(&g, &f.ic, 0);
}

TestSuite(fcopy, .init = set_up);

static struct fcopy_file
file(uint64_t size)
{
	return (struct fcopy_file){ .path = "/etc/web/site.conf",
		.size = size, .make_path = true };
}

static void
start(uint64_t size)
{
	struct fcopy_file what = file(size);

	cr_assert_eq(fcopy_start(&f, &what, g.now, &e), 0);
}

/* Take a packet of operation @op. */
static void
expect_op(enum wire_fcopy_op op)
{
	struct wire_fcopy head;

	cr_assert(guest_take(&g), "operation %d", op);
	cr_assert_geq(g.size, sizeof(head));
	memcpy(&head, g.body, sizeof(head));
	cr_assert_eq(head.op, op);
}

static void
write_answered(uint32_t status)
{
	struct wire_fcopy_write body;

	expect_op(WIRE_FCOPY_WRITE);
	cr_assert_eq(g.size, sizeof(body));
	memcpy(&body, g.body, sizeof(body));
	cr_assert(body.offset <= SIZE && body.size <= SIZE - body.offset);
	memcpy(target + body.offset, body.data, body.size);
	guest_answer(&g, status);
}

static void
give_block(void)
{
	uint64_t offset;
	uint32_t size;

	cr_assert(fcopy_wants(&f, &offset, &size));
	cr_assert(size > 0 && offset + size <= SIZE);
	fcopy_block(&f, source + offset, g.now);
}

static int
code(void)
{
	return fcopy_report(&f, &e) == 0 ? 0 : e.code;
}

Test(fcopy, file_arrives_as_it_is)
{
	struct wire_fcopy_start body;
	char text[600];

	start(SIZE);
	expect_op(WIRE_FCOPY_START);
	cr_assert_eq(g.size, sizeof(body));
	memcpy(&body, g.body, sizeof(body));
	cr_expect_eq(body.size, SIZE);
	cr_expect_eq(body.flags, WIRE_FCOPY_MAKE_PATH);
	utf16_read(body.name, sizeof(body.name), text, sizeof(text));
	cr_expect_str_eq(text, "site.conf");
	utf16_read(body.path, sizeof(body.path), text, sizeof(text));
	cr_expect_str_eq(text, "/etc/web/");
	guest_answer(&g, 0);
	for (int i = 0; i < 4; i++) {
		give_block();
		write_answered(0);
	}
	cr_expect_eq(code(), EINPROGRESS);
	expect_op(WIRE_FCOPY_COMPLETE);
	guest_answer(&g, 0);
	cr_expect_eq(code(), 0);
	cr_expect_arr_eq(source, target, SIZE);
}

Test(fcopy, empty_file_has_no_blocks)
{
	start(0);
	guest_echo(&g, 0);
	expect_op(WIRE_FCOPY_COMPLETE);
	guest_answer(&g, 0);
	cr_expect_eq(code(), 0);
}

Test(fcopy, file_that_exists_is_told)
{
	start(SIZE);
	guest_echo(&g, IC_STATUS_EXISTS);
	cr_expect_eq(code(), EEXIST);
	cr_expect_not(guest_take(&g), "there is nothing to cancel");
	start(SIZE);
	guest_echo(&g, IC_STATUS_FAILED);
	cr_expect_eq(code(), EIO);
	cr_expect_str_eq(e.text, "the guest cannot create the file");
}

Test(fcopy, full_disk_cancels)
{
	start(SIZE);
	guest_echo(&g, 0);
	give_block();
	write_answered(IC_STATUS_DISK_FULL);
	expect_op(WIRE_FCOPY_CANCEL);
	guest_answer(&g, IC_STATUS_FAILED);
	cr_expect_eq(code(), ENOSPC);
	start(0);
}

Test(fcopy, failing_end_is_told)
{
	start(0);
	guest_echo(&g, 0);
	guest_echo(&g, IC_STATUS_FAILED);
	cr_expect_eq(code(), EIO);
	cr_expect_not(guest_take(&g));
}

Test(fcopy, caller_can_stop_it_at_any_time)
{
	struct err why = { .code = ECANCELED, .text = "interrupted" };

	fcopy_cancel(&f, &why, 0);
	cr_expect_not(guest_take(&g));
	start(SIZE);
	expect_op(WIRE_FCOPY_START);
	fcopy_cancel(&f, &why, g.now);
	cr_expect_not(guest_take(&g), "on top of an unanswered one");
	guest_answer(&g, 0);
	expect_op(WIRE_FCOPY_CANCEL);
	guest_answer(&g, 0);
	cr_expect_eq(code(), ECANCELED);
	cr_expect_str_eq(e.text, "interrupted");
	start(SIZE);
	guest_echo(&g, 0);
	fcopy_cancel(&f, &why, g.now);
	expect_op(WIRE_FCOPY_CANCEL);
}

Test(fcopy, silence_ends_it_and_the_late_answer_cancels)
{
	struct fcopy_file what = file(SIZE);

	start(SIZE);
	guest_echo(&g, 0);
	give_block();
	cr_assert(guest_take(&g));
	guest_wait(&g, FCOPY_LIMIT);
	cr_expect_eq(code(), ERR_TIMEOUT);
	cr_expect_eq(fcopy_start(&f, &what, g.now, &e), -1);
	cr_expect_eq(e.code, EBUSY);
	guest_answer(&g, 0);
	expect_op(WIRE_FCOPY_CANCEL);
	guest_answer(&g, 0);
	cr_expect_eq(code(), ERR_TIMEOUT);
}

Test(fcopy, daemon_that_ends_is_told)
{
	struct fcopy_file what = file(SIZE);

	start(SIZE);
	ic_close(&f.ic, 0);
	cr_expect_eq(code(), ENOTCONN);
	cr_expect_eq(fcopy_start(&f, &what, g.now, &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
}

Test(fcopy, paths_lead_to_one_place)
{
	static const char *const good[] = { "/a", "/etc/x.conf", "/a/..b/c",
		"/with space/~", "/.hidden" };
	static const char *const bad[] = { "", "a", "a/b", "/", "/a/", "//a",
		"/a//b", "/../a", "/a/..", "/a/./b", "/.", "/a\nb",
		"/caf\xc3\xa9", "/a\x7f" };

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		cr_expect_eq(fcopy_path_check(good[i], &e), 0, "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(fcopy_path_check(bad[i], &e), -1, "%s", bad[i]);
		cr_expect_eq(e.code, EINVAL);
	}
}

/* /xxx.../xxx..., with as many letters in each part, slashes counted. */
static int
check_lengths(size_t folder, size_t name)
{
	char path[1000];

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[folder - 1] = '/';
	path[folder + name] = '\0';
	return fcopy_path_check(path, &e);
}

Test(fcopy, long_paths_are_refused)
{
	struct fcopy_file what = file(0);
	char path[600];

	cr_expect_eq(check_lengths(259, 259), 0);
	cr_expect_eq(check_lengths(260, 10), -1);
	cr_expect_eq(e.code, ENAMETOOLONG);
	cr_expect_eq(check_lengths(10, 260), -1);
	memset(path, 'x', sizeof(path));
	path[0] = path[258] = '/';
	path[518] = '\0';
	what.path = path;
	cr_expect_eq(fcopy_start(&f, &what, 0, &e), 0);
	cr_expect(guest_take(&g));
}
