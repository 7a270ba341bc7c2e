/* SPDX-License-Identifier: Apache-2.0 */
/* The first disk, read and written past the page cache. */
#define _GNU_SOURCE
#include "devices.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>
#include <linux/fs.h>

#define DEPTH_MAX 32
#define SECONDS_TO_APPEAR 20
#define BLOCK_MAX (128 * 1024)

struct disk {
	int fd;
	uint64_t size;
	aio_context_t queue;
	char *buffers;		/* DEPTH_MAX of BLOCK_MAX bytes */
};

struct pass {
	const char *name;
	bool write;
	bool random;
	unsigned block;
	unsigned depth;
	unsigned count;
};

static const struct pass passes[] = {
	{ "disk_read_4k_depth_1", false, true, 4096, 1, 1000 },
	{ "disk_write_4k_depth_1", true, true, 4096, 1, 1000 },
	{ "disk_read_4k_depth_32", false, true, 4096, 32, 4096 },
	{ "disk_write_4k_depth_32", true, true, 4096, 32, 4096 },
	{ "disk_read_128k", false, false, BLOCK_MAX, 4, 256 },
	{ "disk_write_128k", true, false, BLOCK_MAX, 4, 256 },
};

/* Numbers that repeat: an xorshift generator's. */
static uint64_t
offset_next(const struct disk *d, const struct pass *p, unsigned index)
{
	static uint64_t state = 88172645463325252;
	uint64_t blocks = d->size / p->block;

	if (!p->random)
		return index % blocks * p->block;
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % blocks * p->block;
}

static int
request_submit(struct disk *d, const struct pass *p, struct iocb *slot,
    unsigned number, unsigned index)
{
	struct iocb *list[] = { slot };

	*slot = (struct iocb){
		.aio_data = number,
		.aio_lio_opcode = p->write ? IOCB_CMD_PWRITE : IOCB_CMD_PREAD,
		.aio_fildes = (uint32_t)d->fd,
		.aio_buf = (uintptr_t)(d->buffers + number * BLOCK_MAX),
		.aio_nbytes = p->block,
		.aio_offset = (int64_t)offset_next(d, p, index),
	};
	return syscall(SYS_io_submit, d->queue, 1L, list) == 1 ? 0 : -1;
}

/* Keep @p->depth requests under way until all have been answered. */
static int
pass_run(struct disk *d, const struct pass *p)
{
	struct iocb slots[DEPTH_MAX];
	struct io_event events[DEPTH_MAX];
	unsigned sent = 0, done = 0;

	for (; sent < p->depth; sent++)
		if (request_submit(d, p, &slots[sent], sent, sent) < 0)
			return -1;
	while (done < p->count) {
		long n = syscall(SYS_io_getevents, d->queue, 1L,
		    (long)DEPTH_MAX, events, NULL);

		for (long i = 0; i < n; i++, done++) {
			unsigned slot = (unsigned)events[i].data;

			if (events[i].res != (int64_t)p->block)
				return -1;
			if (sent < p->count && request_submit(d, p,
			    &slots[slot], slot, sent++) < 0)
				return -1;
		}
		if (n < 0)
			return -1;
	}
	return 0;
}

/* Drivers find disks after they were loaded. */
static int
disk_open(struct disk *d)
{
	static const struct timespec a_moment = { 0, 10000000 };

	for (unsigned i = 0; i < SECONDS_TO_APPEAR * 100; i++) {
		d->fd = open("/dev/vda", O_RDWR | O_DIRECT | O_CLOEXEC);
		if (d->fd < 0)
			d->fd = open("/dev/sda",
			    O_RDWR | O_DIRECT | O_CLOEXEC);
		if (d->fd >= 0)
			return ioctl(d->fd, BLKGETSIZE64, &d->size);
		nanosleep(&a_moment, NULL);
	}
	return -1;
}

void
disk_measure(void)
{
	struct disk d = { .fd = -1 };

	if (disk_open(&d) < 0 || d.size < BLOCK_MAX ||
	    syscall(SYS_io_setup, DEPTH_MAX, &d.queue) < 0 ||
	    posix_memalign((void **)&d.buffers, BLOCK_MAX,
	    DEPTH_MAX * BLOCK_MAX) != 0) {
		printf("no disk of use: %s\n", strerror(errno));
		return;
	}
	memset(d.buffers, 0x5a, DEPTH_MAX * BLOCK_MAX);
	for (unsigned i = 0; i < sizeof(passes) / sizeof(passes[0]); i++) {
		uint64_t start = __rdtsc();

		if (pass_run(&d, &passes[i]) < 0) {
			printf("%s: %s\n", passes[i].name, strerror(errno));
			return;
		}
		row_print(passes[i].name, passes[i].count, __rdtsc() - start);
	}
}
