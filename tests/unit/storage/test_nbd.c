/* SPDX-License-Identifier: Apache-2.0 */
/* What is said to servers of NBD, and what is made of what they say. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "storage/nbd.h"

#define GREETING "NBDMAGICIHAVEOPT\x00\x03"
#define REPLY "\x00\x03\xe8\x89\x04\x55\x65\xa9\x00\x00\x00\x07"
#define INFO REPLY "\x00\x00\x00\x03\x00\x00\x00\x0c\x00\x00" \
	"\x00\x00\x00\x00\x00\x12\x34\x56\x00\x4d"
#define OTHER_INFO REPLY "\x00\x00\x00\x03\x00\x00\x00\x02\x00\x03"
#define ACK REPLY "\x00\x00\x00\x01\x00\x00\x00\x00"
#define REFUSAL REPLY "\x80\x00\x00\x06\x00\x00\x00\x04none"

static struct err e;
static struct nbd_export export;

/* Have a server say @len bytes, and no more; @said is what we said. */
static int
begin(const char *bytes, size_t len, uint8_t said[64], ssize_t *n)
{
	int pair[2], ret;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_assert_eq(send(pair[1], bytes, len, 0), (ssize_t)len);
	shutdown(pair[1], SHUT_WR);
	ret = nbd_begin(pair[0], "disk", &export, &e);
	*n = recv(pair[1], said, 64, MSG_DONTWAIT);
	close(pair[0]);
	close(pair[1]);
	return ret;
}

static void
expect_refused(const char *bytes, size_t len, const char *text)
{
	uint8_t said[64];
	ssize_t n;

	cr_expect_eq(begin(bytes, len, said, &n), -1, "accepted for \"%s\"",
	    text);
	cr_expect_not_null(strstr(e.text, text), "%s", e.text);
}

#define EXPECT_REFUSED(bytes, text) \
	expect_refused(bytes, sizeof(bytes) - 1, text)

Test(nbd, export_is_chosen_by_its_name)
{
	static const char answer[] = GREETING OTHER_INFO INFO ACK;
	static const char wanted[] = "\x00\x00\x00\x03IHAVEOPT"
	    "\x00\x00\x00\x07\x00\x00\x00\x0a\x00\x00\x00\x04" "disk\x00\x00";
	uint8_t said[64];
	ssize_t n;

	cr_assert_eq(begin(answer, sizeof(answer) - 1, said, &n), 0, "%s",
	    e.text);
	cr_expect_eq(export.size, 0x123456);
	cr_expect_eq(export.flags, 0x004d);
	cr_assert_eq(n, (ssize_t)sizeof(wanted) - 1);
	cr_expect_arr_eq(said, wanted, sizeof(wanted) - 1);
}

Test(nbd, other_greetings_are_refused)
{
	EXPECT_REFUSED("", "has gone");
	EXPECT_REFUSED("NBDMAGICIHAVEOPT\x00", "has gone");
	EXPECT_REFUSED("NBDMAGICIHAVEOPU\x00\x03", "not NBD");
	EXPECT_REFUSED("NBDMAGICIHAVEOPT\x00\x01", "not NBD");
	EXPECT_REFUSED("NBDMAGICIHAVEOPT\x00\x02", "not NBD");
}

Test(nbd, refusals_and_nonsense_are_told)
{
	EXPECT_REFUSED(GREETING REFUSAL, "refused: none");
	EXPECT_REFUSED(GREETING ACK, "not NBD");
	EXPECT_REFUSED(GREETING INFO, "has gone");
	EXPECT_REFUSED(GREETING OTHER_INFO ACK, "not NBD");
	EXPECT_REFUSED(GREETING REPLY "\x00\x00\x00\x03\x00\x00\x10\x01",
	    "not NBD");
	EXPECT_REFUSED(GREETING "\x00\x03\xe8\x89\x04\x55\x65\xa9\x00\x00"
	    "\x00\x06\x00\x00\x00\x01\x00\x00\x00\x00", "not NBD");
}

static int
flush(const char *answer, size_t len, uint8_t said[NBD_REQUEST_SIZE])
{
	static const struct nbd_export x = { 1, NBD_CAN_FLUSH };
	int pair[2], ret;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	cr_assert_eq(send(pair[1], answer, len, 0), (ssize_t)len);
	shutdown(pair[1], SHUT_WR);
	cr_expect_eq(nbd_flush_ask(pair[0], &x, &e), 0, "%s", e.text);
	ret = nbd_flush_wait(pair[0], &x, &e);
	cr_expect_eq(recv(pair[1], said, NBD_REQUEST_SIZE, MSG_DONTWAIT),
	    NBD_REQUEST_SIZE);
	close(pair[0]);
	close(pair[1]);
	return ret;
}

Test(nbd, flush_is_done_when_the_server_says_so)
{
	static const char wanted[NBD_REQUEST_SIZE] =
	    "\x25\x60\x95\x13\x00\x00\x00\x03";
	char answer[NBD_REPLY_SIZE] = "\x67\x44\x66\x98";
	uint8_t said[NBD_REQUEST_SIZE];

	cr_expect_eq(flush(answer, sizeof(answer), said), 0, "%s", e.text);
	cr_expect_arr_eq(said, wanted, sizeof(wanted));
	cr_expect_eq(flush(answer, sizeof(answer) - 1, said), -1);
	cr_expect_not_null(strstr(e.text, "has gone"), "%s", e.text);
	answer[15] = 1;
	cr_expect_eq(flush(answer, sizeof(answer), said), -1);
	cr_expect_not_null(strstr(e.text, "not NBD"), "%s", e.text);
	answer[15] = 0;
	answer[7] = 5;
	cr_expect_eq(flush(answer, sizeof(answer), said), -1);
	cr_expect_eq(e.code, EIO);
}

Test(nbd, requests_have_their_fields_in_order)
{
	static const char wanted[] = "\x25\x60\x95\x13\x00\x01\x00\x01"
	    "\x01\x02\x03\x04\x05\x06\x07\x08\x00\x00\x00\x10\x00\x00\x02"
	    "\x00\x00\x01\x00\x00";
	struct nbd_request r = { .command = NBD_WRITE,
		.flags = NBD_COMMAND_FUA, .cookie = 0x0102030405060708,
		.offset = 0x1000000200, .length = 0x10000 };
	uint8_t out[NBD_REQUEST_SIZE];

	nbd_request_print(&r, out);
	cr_expect_arr_eq(out, wanted, NBD_REQUEST_SIZE);
}

Test(nbd, replies_are_read)
{
	uint8_t bytes[NBD_REPLY_SIZE] = "\x67\x44\x66\x98\x00\x00\x00\x1c"
	    "\x00\x00\x00\x00\x00\x00\x07";
	struct nbd_reply r;

	bytes[15] = 9;
	cr_assert_eq(nbd_reply_parse(bytes, &r), 0);
	cr_expect_eq(r.error, ENOSPC);
	cr_expect_eq(r.cookie, 0x709);
	bytes[7] = 108; /* what is not ours to know */
	cr_assert_eq(nbd_reply_parse(bytes, &r), 0);
	cr_expect_eq(r.error, EIO);
	bytes[0] = 0x66;
	cr_expect_eq(nbd_reply_parse(bytes, &r), -1);
}
