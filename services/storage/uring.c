/* SPDX-License-Identifier: Apache-2.0 */
/* The ring between us and the kernel, and the disks that use it. */
#include "storage/uring.h"

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <linux/falloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "storage/iov.h"

#define SUBMIT_ENTRIES 256
#define COMPLETE_ENTRIES 4096

struct uring {
	struct io_uring ring;
	/* What has not found room in the ring yet, the oldest first. */
	struct disk_io *first;
	struct disk_io **last;
};

struct uring_disk {
	struct backend backend; /* first: the engine knows this */
	struct uring *uring;
	int fd;
};

static struct uring_disk *
disk_of(struct backend *b)
{
	return (struct uring_disk *)b;
}

/* No other operation, be it by a bug, once the ring runs. */
static int
restrict_ring(struct io_uring *ring)
{
	static const uint8_t allowed[] = { IORING_OP_READV, IORING_OP_WRITEV,
		IORING_OP_FSYNC, IORING_OP_FALLOCATE };
	struct io_uring_restriction r[sizeof(allowed)];

	memset(r, 0, sizeof(r));
	for (size_t i = 0; i < sizeof(allowed); i++) {
		r[i].opcode = IORING_RESTRICTION_SQE_OP;
		r[i].sqe_op = allowed[i];
	}
	return io_uring_register_restrictions(ring, r, sizeof(allowed));
}

struct uring *
uring_create(struct err *e)
{
	struct io_uring_params params = {
		.flags = IORING_SETUP_R_DISABLED | IORING_SETUP_CQSIZE,
		.cq_entries = COMPLETE_ENTRIES,
	};
	struct uring *u = calloc(1, sizeof(*u));
	int ret;

	if (u == NULL) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	u->last = &u->first;
	ret = io_uring_queue_init_params(SUBMIT_ENTRIES, &u->ring, &params);
	if (ret < 0) {
		err_set(e, -ret, "io_uring: %s", strerror(-ret));
		free(u);
		return NULL;
	}
	ret = restrict_ring(&u->ring);
	if (ret == 0)
		ret = io_uring_enable_rings(&u->ring);
	if (ret < 0) {
		err_set(e, -ret, "io_uring: %s", strerror(-ret));
		uring_destroy(u);
		return NULL;
	}
	return u;
}

void
uring_destroy(struct uring *u)
{
	io_uring_queue_exit(&u->ring);
	free(u);
}

int
uring_fd(const struct uring *u)
{
	return u->ring.ring_fd;
}

static void
prepare(struct io_uring_sqe *sqe, struct disk_io *io)
{
	int fd = disk_of(io->backend)->fd;

	switch (io->op) {
	case DISK_READ:
		io_uring_prep_readv(sqe, fd, io->iov, io->iov_count,
		    io->offset);
		break;
	case DISK_WRITE:
		io_uring_prep_writev(sqe, fd, io->iov, io->iov_count,
		    io->offset);
		if (io->durable)
			sqe->rw_flags = RWF_DSYNC;
		break;
	case DISK_FLUSH:
		io_uring_prep_fsync(sqe, fd, IORING_FSYNC_DATASYNC);
		break;
	case DISK_DISCARD:
		io_uring_prep_fallocate(sqe, fd,
		    FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 0);
		/* Versions of the library differ in the types of these. */
		sqe->off = io->offset;
		sqe->addr = io->length;
		break;
	}
	io_uring_sqe_set_data(sqe, io);
}

static void
enqueue(struct uring *u, struct disk_io *io)
{
	io->next = NULL;
	*u->last = io;
	u->last = &io->next;
}

/* Move what waits into the ring, as far as there is room. */
static void
fill(struct uring *u)
{
	while (u->first != NULL) {
		struct io_uring_sqe *sqe = io_uring_get_sqe(&u->ring);
		struct disk_io *io = u->first;

		if (sqe == NULL)
			return;
		u->first = io->next;
		if (u->first == NULL)
			u->last = &u->first;
		prepare(sqe, io);
	}
}

bool
uring_flush(struct uring *u)
{
	do {
		fill(u);
		if (io_uring_sq_ready(&u->ring) == 0)
			return true;
	} while (io_uring_submit(&u->ring) > 0);
	return false;
}

static void
disk_submit(struct backend *b, struct disk_io *io)
{
	io->backend = b;
	enqueue(disk_of(b)->uring, io);
}

static void
disk_close(struct backend *b)
{
	struct uring_disk *d = disk_of(b);

	close(d->fd);
	free(d);
}

static const struct backend_ops disk_ops = {
	.submit = disk_submit,
	.close = disk_close,
};

struct backend *
uring_disk(struct uring *u, const struct image *image, struct err *e)
{
	struct uring_disk *d = calloc(1, sizeof(*d));

	if (d == NULL) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	d->backend = (struct backend){ .ops = &disk_ops, .size = image->size,
		.discards = image->discards, .zeroes = image->zeroes };
	d->uring = u;
	d->fd = image->fd;
	return &d->backend;
}

int
uring_disk_fd(const struct backend *b)
{
	return ((const struct uring_disk *)b)->fd;
}

/* So many bytes of a transfer are done: go on with the rest, if there is. */
static void
transferred(struct uring *u, struct disk_io *io, size_t bytes)
{
	/* The file ends before the disk does. */
	if (bytes == 0) {
		disk_io_done(io, EIO);
		return;
	}
	iov_advance(&io->iov, &io->iov_count, bytes);
	io->offset += bytes;
	io->length -= bytes;
	if (io->length > 0)
		enqueue(u, io);
	else
		disk_io_done(io, 0);
}

static void
ended(struct uring *u, struct disk_io *io, int result)
{
	if (result == -EAGAIN || result == -EINTR)
		enqueue(u, io);
	else if (result < 0)
		disk_io_done(io, -result);
	else if (io->op == DISK_READ || io->op == DISK_WRITE)
		transferred(u, io, (size_t)result);
	else
		disk_io_done(io, 0);
}

void
uring_reap(struct uring *u)
{
	struct io_uring_cqe *cqe;

	while (io_uring_peek_cqe(&u->ring, &cqe) == 0) {
		struct disk_io *io = io_uring_cqe_get_data(cqe);
		int result = cqe->res;

		io_uring_cqe_seen(&u->ring, cqe);
		ended(u, io, result);
	}
}
