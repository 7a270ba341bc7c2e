/* SPDX-License-Identifier: Apache-2.0 */
/* A disk in memory that a fuzz target can do anything to. */
#ifndef FUZZ_STORAGE_DISK_H
#define FUZZ_STORAGE_DISK_H

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "storage/backend.h"
#include "storage/iov.h"

#define FUZZ_DISK_SIZE (256u * 512u)

struct fuzz_disk {
	struct backend backend;
	uint8_t bytes[FUZZ_DISK_SIZE];
	struct disk_io *queue;
	int error; /* what writes end with */
};

static inline void
fuzz_disk_submit(struct backend *b, struct disk_io *io)
{
	struct fuzz_disk *d = (struct fuzz_disk *)b;

	io->next = d->queue;
	d->queue = io;
}

static inline void
fuzz_disk_close(struct backend *b)
{
	assert(((struct fuzz_disk *)b)->queue == NULL);
}

static inline int
fuzz_disk_do(struct fuzz_disk *d, const struct disk_io *io)
{
	assert(io->offset <= FUZZ_DISK_SIZE);
	assert(io->length <= FUZZ_DISK_SIZE - io->offset);
	if (io->op == DISK_READ)
		assert(iov_write(io->iov, io->iov_count,
		    d->bytes + io->offset, io->length) == io->length);
	if (io->op == DISK_WRITE && d->error == 0)
		assert(iov_read(io->iov, io->iov_count,
		    d->bytes + io->offset, io->length) == io->length);
	return io->op == DISK_WRITE ? d->error : 0;
}

static inline void
fuzz_disk_run(struct fuzz_disk *d)
{
	while (d->queue != NULL) {
		struct disk_io *io = d->queue;

		d->queue = io->next;
		disk_io_done(io, fuzz_disk_do(d, io));
	}
}

static inline void
fuzz_disk_init(struct fuzz_disk *d)
{
	static const struct backend_ops ops = {
		.submit = fuzz_disk_submit,
		.close = fuzz_disk_close,
	};

	memset(d, 0, sizeof(*d));
	d->backend = (struct backend){ .ops = &ops, .size = FUZZ_DISK_SIZE,
		.discards = true, .zeroes = true };
}

#endif
