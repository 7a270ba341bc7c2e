/* SPDX-License-Identifier: Apache-2.0 */
/* What keeps the bytes of a disk: the interface between engine and backends. */
#ifndef MULLION_STORAGE_BACKEND_H
#define MULLION_STORAGE_BACKEND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

enum disk_op {
	DISK_READ,
	DISK_WRITE,
	DISK_FLUSH, /* writes that are done survive a loss of power */
	DISK_DISCARD,
};

struct backend;

/* One thing to be done, in memory of the engine until disk_io_done(). */
struct disk_io {
	enum disk_op op;
	bool durable;	  /* a write that is done when it would survive */
	uint64_t offset;  /* in bytes */
	uint64_t length;
	/*
	 * Of reads and writes, @length bytes. What is done of an unfinished
	 * one may be dropped from the front of all three, by the backend.
	 */
	struct iovec *iov;
	unsigned iov_count;
	/* The backend's, while it has it. */
	struct backend *backend;
	struct disk_io *next;
};

struct backend_ops {
	/* Begin; disk_io_done() follows once, but not before this returns. */
	void (*submit)(struct backend *b, struct disk_io *io);

	/* Give it back. Nothing is under way. */
	void (*close)(struct backend *b);

	/* The guest begins anew, and relies on nothing of before. Optional. */
	void (*renew)(struct backend *b);
};

struct backend {
	const struct backend_ops *ops;
	uint64_t size;	/* in bytes */
	bool discards;	/* DISK_DISCARD gives space back */
	bool zeroes;	/* what was discarded reads as zeros */
};

/* For backends to call: @io ended, with 0 or an errno number. */
void disk_io_done(struct disk_io *io, int error);

#endif
