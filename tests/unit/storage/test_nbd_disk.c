/* SPDX-License-Identifier: Apache-2.0 */
/* A disk that speaks NBD with a server that is made up. */
#include <criterion/criterion.h>
#include <endian.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "storage/nbd_disk.h"

#define LENGTH 64u

struct request {
	uint32_t magic;
	uint16_t flags, command;
	uint64_t cookie, offset;
	uint32_t length;
} __attribute__((packed));

struct reply {
	uint32_t magic, error;
	uint64_t cookie;
} __attribute__((packed));

static const struct nbd_export usual = { 1 << 20, NBD_CAN_ANYTHING |
	NBD_CAN_FLUSH | NBD_CAN_FUA };
static struct backend *disk;
static volatile uint8_t mark;
static unsigned ended, failed;
static int server;

/* In the engine's place. */
void
disk_io_done(struct disk_io *io, int error)
{
	(void)io;
	ended++;
	failed += error != 0;
}

static void
closed(void *ctx, unsigned number)
{
	(void)ctx;
	(void)number;
}

static const struct nbd_disk_ops ops = { closed, closed };

static void
connect_to(const struct nbd_export *x)
{
	int pair[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	nbd_disk_connect(disk, pair[0], x);
	server = pair[1];
}

static void
set_up(void)
{
	struct err e;

	disk = nbd_disk(&ops, NULL, 0, &mark, &e);
	connect_to(&usual);
}

static void
tear_down(void)
{
	close(server);
	nbd_disk_free(disk);
}

TestSuite(nbd_disk, .init = set_up, .fini = tear_down, .timeout = 30);

static void
submit(struct disk_io *io, enum disk_op op)
{
	static uint8_t bytes[LENGTH];
	static struct iovec iov = { bytes, LENGTH };

	*io = (struct disk_io){ .op = op };
	if (op != DISK_FLUSH) {
		io->iov = &iov;
		io->iov_count = 1;
		io->length = LENGTH;
	}
	disk->ops->submit(disk, io);
}

/* What the server is asked next; -1: nothing. */
static int
asked(struct request *r)
{
	uint8_t data[LENGTH];

	cr_expect(nbd_disk_pump(disk));
	if (recv(server, r, sizeof(*r), MSG_DONTWAIT) < 0)
		return -1;
	if (be16toh(r->command) == NBD_WRITE)
		cr_assert_eq(recv(server, data, LENGTH, 0), LENGTH);
	return be16toh(r->command);
}

static void
answer(const struct request *r, unsigned error)
{
	struct reply y = { htobe32(0x67446698), htobe32(error), r->cookie };

	cr_assert_eq(send(server, &y, sizeof(y), 0), sizeof(y));
	cr_expect(nbd_disk_pump(disk));
}

static void
write_unflushed(void)
{
	static struct disk_io io;
	struct request r;

	submit(&io, DISK_WRITE);
	cr_assert_eq(asked(&r), NBD_WRITE);
	answer(&r, 0);
	cr_assert_eq(ended, 1);
	cr_assert_eq(mark, 1);
}

Test(nbd_disk, settles_by_a_flush_of_its_own_when_all_is_answered)
{
	struct request write, flush, none;
	struct disk_io first, later;
	int error;

	submit(&first, DISK_WRITE);
	cr_assert_eq(asked(&write), NBD_WRITE);
	nbd_disk_settle(disk);
	submit(&later, DISK_READ);
	cr_expect_eq(asked(&none), -1, "there is one under way");
	answer(&write, 0);
	cr_expect_not(nbd_disk_is_settled(disk, &error));
	cr_assert_eq(asked(&flush), NBD_FLUSH);
	cr_expect_eq(asked(&none), -1);
	answer(&flush, 0);
	cr_expect(nbd_disk_is_settled(disk, &error));
	cr_expect_eq(error, 0);
	cr_expect_eq(mark, 0);
	cr_expect_eq(ended, 1, "nobody asked for the flush");
	cr_expect_eq(asked(&none), -1);
	nbd_disk_go_on(disk);
	cr_expect_eq(asked(&none), NBD_READ);
}

Test(nbd_disk, tells_that_it_could_not_be_flushed)
{
	struct request flush;
	int error;

	write_unflushed();
	nbd_disk_settle(disk);
	cr_assert_eq(asked(&flush), NBD_FLUSH);
	answer(&flush, EIO);
	cr_expect(nbd_disk_is_settled(disk, &error));
	cr_expect_eq(error, EIO);
	cr_expect_eq(mark, 1);
	cr_expect_not(nbd_disk_ended(disk, false));
}

Test(nbd_disk, is_whole_when_a_server_ends_that_has_flushed_all)
{
	struct request flush;

	write_unflushed();
	nbd_disk_settle(disk);
	cr_assert_eq(asked(&flush), NBD_FLUSH);
	answer(&flush, 0);
	cr_expect(nbd_disk_ended(disk, false));
}

Test(nbd_disk, next_server_is_asked_what_was_held)
{
	struct request r;
	struct disk_io io;

	write_unflushed();
	nbd_disk_settle(disk);
	submit(&io, DISK_READ);
	cr_assert_eq(asked(&r), NBD_FLUSH);
	close(server);
	cr_expect_not(nbd_disk_pump(disk));
	cr_expect(nbd_disk_ended(disk, true));
	connect_to(&usual);
	cr_expect_eq(asked(&r), NBD_READ);
}

Test(nbd_disk, settles_at_once_with_a_server_that_does_not_flush)
{
	static const struct nbd_export x = { 1 << 20, NBD_CAN_ANYTHING };
	struct request r;
	int error;

	close(server);
	connect_to(&x);
	nbd_disk_settle(disk);
	cr_expect_eq(asked(&r), -1);
	cr_expect(nbd_disk_is_settled(disk, &error));
}
