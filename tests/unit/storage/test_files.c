/* SPDX-License-Identifier: Apache-2.0 */
/* Disks in files, through the ring of the kernel. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <signal.h>
#include <unistd.h>

#include "storage/uring.h"

#define SIZE (1u << 20)
#define MANY 1000

static char path[64];
static struct uring *uring;
static struct backend *disk;
static int fd;
static unsigned ended;
static int last_error;

/* In the engine's place. */
void
disk_io_done(struct disk_io *io, int error)
{
	cr_expect_eq(io->backend, disk);
	last_error = error;
	ended++;
}

static void
set_up(void)
{
	struct image image;
	struct err e = { 0 };

	strcpy(path, "/tmp/mullion-storage-XXXXXX");
	fd = mkstemp(path);
	cr_assert_geq(fd, 0);
	cr_assert_eq(ftruncate(fd, SIZE), 0);
	uring = uring_create(&e);
	cr_assert_not_null(uring, "%s", e.text);
	cr_assert_eq(image_open(path, false, &image, &e), 0, "%s", e.text);
	disk = uring_disk(uring, &image, &e);
	cr_assert_not_null(disk);
}

static void
tear_down(void)
{
	disk->ops->close(disk);
	uring_destroy(uring);
	close(fd);
	unlink(path);
}

TestSuite(files, .init = set_up, .fini = tear_down);

/* Until @count have ended; how the last one did. */
static int
wait_for(unsigned count)
{
	while (ended < count) {
		struct pollfd p = { .fd = uring_fd(uring), .events = POLLIN };

		uring_flush(uring);
		cr_assert_eq(poll(&p, 1, 10000), 1, "%u of %u", ended, count);
		uring_reap(uring);
	}
	ended = 0;
	return last_error;
}

static int
run(enum disk_op op, uint64_t offset, void *bytes, size_t len)
{
	struct iovec iov[2] = { { bytes, len / 2 },
		{ (char *)bytes + len / 2, len - len / 2 } };
	struct disk_io io = { .op = op, .offset = offset, .length = len,
		.iov = iov, .iov_count = 2, .durable = op == DISK_WRITE };

	disk->ops->submit(disk, &io);
	return wait_for(1);
}

Test(files, what_is_written_is_read_and_in_the_file)
{
	static uint8_t bytes[10000], again[10000];

	memset(bytes, 0x5a, sizeof(bytes));
	cr_expect_eq(run(DISK_WRITE, 4096, bytes, sizeof(bytes)), 0);
	cr_expect_eq(run(DISK_FLUSH, 0, NULL, 0), 0);
	cr_expect_eq(run(DISK_READ, 4096, again, sizeof(again)), 0);
	cr_expect_arr_eq(again, bytes, sizeof(bytes));
	memset(again, 0, sizeof(again));
	cr_expect_eq(pread(fd, again, sizeof(again), 4096), sizeof(again));
	cr_expect_arr_eq(again, bytes, sizeof(bytes));
}

Test(files, discarded_bytes_are_zero_and_take_no_space)
{
	static uint8_t bytes[65536];
	struct stat before, after;

	cr_assert(disk->discards && disk->zeroes);
	memset(bytes, 0x5a, sizeof(bytes));
	cr_expect_eq(run(DISK_WRITE, 0, bytes, sizeof(bytes)), 0);
	cr_expect_eq(run(DISK_FLUSH, 0, NULL, 0), 0);
	fstat(fd, &before);
	cr_expect_eq(run(DISK_DISCARD, 0, NULL, 32768), 0);
	fstat(fd, &after);
	cr_expect_lt(after.st_blocks, before.st_blocks);
	cr_expect_eq(after.st_size, SIZE);
	cr_expect_eq(run(DISK_READ, 0, bytes, sizeof(bytes)), 0);
	cr_expect_eq(bytes[32767], 0);
	cr_expect_eq(bytes[32768], 0x5a);
}

Test(files, file_that_was_cut_is_an_error_of_the_medium)
{
	uint8_t bytes[512];

	cr_assert_eq(ftruncate(fd, SIZE / 2 + 256), 0);
	cr_expect_eq(run(DISK_READ, SIZE / 2, bytes, sizeof(bytes)), EIO);
	cr_expect_eq(run(DISK_READ, SIZE / 2 - 512, bytes, sizeof(bytes)), 0);
}

Test(files, write_beyond_what_is_allowed_tells_why)
{
	struct rlimit limit = { SIZE, SIZE };
	uint8_t bytes[512] = { 0 };

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_expect_eq(run(DISK_WRITE, SIZE, bytes, sizeof(bytes)), EFBIG);
}

Test(files, more_than_the_ring_holds_end_all)
{
	static struct disk_io io[MANY];
	static struct iovec iov[MANY];
	static uint8_t bytes[MANY][512];

	for (unsigned i = 0; i < MANY; i++) {
		memset(bytes[i], (int)i, sizeof(bytes[i]));
		iov[i] = (struct iovec){ bytes[i], sizeof(bytes[i]) };
		io[i] = (struct disk_io){ .op = DISK_WRITE,
			.offset = i * 512u, .length = 512, .iov = &iov[i],
			.iov_count = 1 };
		disk->ops->submit(disk, &io[i]);
	}
	cr_expect_eq(wait_for(MANY), 0);
	for (unsigned i = 0; i < MANY; i++) {
		uint8_t byte;

		cr_assert_eq(pread(fd, &byte, 1, i * 512u + 511), 1);
		cr_expect_eq(byte, (uint8_t)i);
	}
}

Test(files, disk_of_somebody_else_is_refused)
{
	struct image image;
	struct err e = { 0 };

	cr_expect_eq(image_open(path, false, &image, &e), -1);
	cr_expect_eq(e.code, EBUSY);
	cr_expect_eq(image_open(path, true, &image, &e), -1);
	cr_expect_eq(e.code, EBUSY);
}

Test(files, several_may_read_one_but_none_may_write_it)
{
	struct image one, two, three;
	struct err e = { 0 };

	disk->ops->close(disk);
	cr_assert_eq(image_open(path, true, &one, &e), 0, "%s", e.text);
	cr_assert_eq(image_open(path, true, &two, &e), 0, "%s", e.text);
	cr_expect_not(one.discards);
	cr_expect_eq(image_open(path, false, &three, &e), -1);
	close(one.fd);
	disk = uring_disk(uring, &two, &e);
}

Test(files, descriptors_that_do_not_do_are_refused)
{
	struct image image;
	struct err e = { 0 };
	int pipes[2];

	cr_assert_eq(pipe(pipes), 0);
	cr_expect_eq(image_adopt(pipes[0], true, &image, &e), -1);
	cr_expect_not_null(strstr(e.text, "neither a regular file nor"));
	cr_expect_eq(fcntl(pipes[0], F_GETFD), -1, "not closed");
	close(pipes[1]);
	cr_expect_eq(image_adopt(open(path, O_RDONLY), false, &image, &e), -1);
	cr_expect_not_null(strstr(e.text, "not open for writing"));
	cr_expect_eq(image_adopt(open(path, O_WRONLY), true, &image, &e), -1);
	cr_expect_not_null(strstr(e.text, "not open for reading"));
	cr_expect_eq(image_open("/nonexistent", true, &image, &e), -1);
	cr_expect_eq(e.code, ENOENT);
}

Test(files, appending_descriptor_writes_where_it_is_told)
{
	char other[] = "/tmp/mullion-storage-XXXXXX";
	int append = mkostemp(other, O_APPEND | O_NONBLOCK);
	struct image image;
	uint8_t bytes[512] = { 0 };
	struct err e = { 0 };

	cr_assert_eq(ftruncate(append, SIZE), 0);
	cr_assert_eq(image_adopt(append, false, &image, &e), 0, "%s", e.text);
	cr_expect_eq(image.size, SIZE);
	disk->ops->close(disk);
	disk = uring_disk(uring, &image, &e);
	cr_expect_eq(run(DISK_WRITE, 0, bytes, sizeof(bytes)), 0);
	cr_expect_eq(image_measure(append, &image.size, &e), 0);
	cr_expect_eq(image.size, SIZE);
	unlink(other);
}
