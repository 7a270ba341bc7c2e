/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as they go to a server of NBD, and come back in any order. */
#include "storage/nbd_disk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "storage/iov.h"

/* QEMU's server takes 16 at a time; more would only wait there. */
#define SLOTS 64u
#define PIECES 64u
/* Zeros are written in steps that a server answers soon. */
#define ZEROES_STEP (UINT64_C(1) << 30)

/* What was asked and is not answered. */
struct slot {
	struct disk_io *io;	/* NULL: free */
	uint64_t cookie;
	uint32_t length;
	uint64_t covers;	/* of a flush: what was answered before it */
};

/* The request that is being sent, or the answer that is being received. */
struct passage {
	uint8_t head[NBD_REQUEST_SIZE];
	size_t done;		/* bytes, head and data */
	struct slot *slot;	/* NULL: none, or it is not known yet */
};

struct nbd_disk {
	struct backend backend;	/* first: the engine knows this */
	const struct nbd_disk_ops *ops;
	void *ctx;
	unsigned number;
	int fd;
	uint16_t flags;		/* of the export */
	bool blocked;		/* the socket is full */
	bool broken;
	bool hopeless;
	bool held;		/* nothing but our own flush is sent */
	bool settled;		/* and that is done; */
	int settle_error;	/* so */
	volatile uint8_t *mark;
	uint64_t answered;	/* writes; not to be lost */
	uint64_t flushed;	/* of them */
	uint64_t cookies;
	struct slot slots[SLOTS];
	struct passage out, in;
	struct disk_io *first;	/* not asked yet, the oldest first */
	struct disk_io **last;
	struct disk_io own;	/* a flush that nobody asked for */
};

static struct nbd_disk *
disk_of(const struct backend *b)
{
	return (struct nbd_disk *)b;
}

static void
enqueue(struct nbd_disk *d, struct disk_io *io)
{
	io->next = NULL;
	*d->last = io;
	d->last = &io->next;
}

static struct disk_io *
dequeue(struct nbd_disk *d)
{
	struct disk_io *io = d->first;

	d->first = io->next;
	if (d->first == NULL)
		d->last = &d->first;
	return io;
}

static void
disk_submit(struct backend *b, struct disk_io *io)
{
	io->backend = b;
	enqueue(disk_of(b), io);
}

static void
disk_close(struct backend *b)
{
	struct nbd_disk *d = disk_of(b);

	d->ops->closed(d->ctx, d->number);
}

/* What the last server lost went with the guest that had written it. */
static void
disk_renew(struct backend *b)
{
	struct nbd_disk *d = disk_of(b);

	if (d->broken)
		*d->mark = 0;
	d->broken = false;
	if (!d->hopeless)
		return;
	d->hopeless = false;
	d->ops->renewed(d->ctx, d->number);
}

static const struct backend_ops disk_ops = {
	.submit = disk_submit,
	.close = disk_close,
	.renew = disk_renew,
};

struct backend *
nbd_disk(const struct nbd_disk_ops *ops, void *ctx, unsigned number,
    volatile uint8_t *mark, struct err *e)
{
	struct nbd_disk *d = calloc(1, sizeof(*d));

	if (d == NULL) {
		err_set(e, ENOMEM, "out of memory");
		return NULL;
	}
	d->backend.ops = &disk_ops;
	d->ops = ops;
	d->ctx = ctx;
	d->number = number;
	d->fd = -1;
	d->mark = mark;
	d->broken = *mark != 0;
	d->last = &d->first;
	d->own.op = DISK_FLUSH;
	return &d->backend;
}

void
nbd_disk_free(struct backend *b)
{
	nbd_disk_disconnect(b);
	free(disk_of(b));
}

void
nbd_disk_connect(struct backend *b, int fd, const struct nbd_export *x)
{
	struct nbd_disk *d = disk_of(b);

	nbd_disk_disconnect(b);
	d->fd = fd;
	d->flags = x->flags;
	b->size = x->size;
	b->discards = (x->flags & NBD_CAN_WRITE_ZEROES) != 0;
	b->zeroes = b->discards;
	d->held = false;
	/* It has all that was answered, or we are broken. */
	d->flushed = d->answered;
	if (!d->broken)
		*d->mark = 0;
}

int
nbd_disk_fd(const struct backend *b)
{
	return disk_of(b)->fd;
}

bool
nbd_disk_wants_to_send(const struct backend *b)
{
	return disk_of(b)->blocked;
}

void
nbd_disk_disconnect(struct backend *b)
{
	struct nbd_disk *d = disk_of(b);

	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
	d->blocked = false;
	memset(&d->out, 0, sizeof(d->out));
	memset(&d->in, 0, sizeof(d->in));
	for (unsigned i = 0; i < SLOTS; i++) {
		if (d->slots[i].io != NULL && d->slots[i].io != &d->own)
			enqueue(d, d->slots[i].io);
		d->slots[i].io = NULL;
	}
}

/* Fails are told from here, when no submit() is on the stack. */
static void
fail_all(struct nbd_disk *d)
{
	struct disk_io *io = d->first;

	/* Who is told may submit anew. */
	d->first = NULL;
	d->last = &d->first;
	while (io != NULL) {
		struct disk_io *next = io->next;

		disk_io_done(io, EREMOTEIO);
		io = next;
	}
}

bool
nbd_disk_ended(struct backend *b, bool cleanly)
{
	struct nbd_disk *d = disk_of(b);

	nbd_disk_disconnect(b);
	if (!cleanly && d->answered != d->flushed)
		d->broken = true;
	return !d->broken;
}

void
nbd_disk_settle(struct backend *b)
{
	struct nbd_disk *d = disk_of(b);

	d->held = true;
	d->settled = false;
	d->settle_error = 0;
}

void
nbd_disk_go_on(struct backend *b)
{
	disk_of(b)->held = false;
}

bool
nbd_disk_is_settled(const struct backend *b, int *error)
{
	const struct nbd_disk *d = disk_of(b);

	*error = d->settle_error;
	return d->held && d->settled;
}

void
nbd_disk_give_up(struct backend *b)
{
	nbd_disk_disconnect(b);
	disk_of(b)->hopeless = true;
}

static enum nbd_command
command_of(enum disk_op op)
{
	switch (op) {
	case DISK_WRITE:
		return NBD_WRITE;
	case DISK_FLUSH:
		return NBD_FLUSH;
	case DISK_DISCARD:
		return NBD_WRITE_ZEROES;
	case DISK_READ:
		break;
	}
	return NBD_READ;
}

static struct slot *
slot_find(struct nbd_disk *d)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (d->slots[i].io == NULL)
			return &d->slots[i];
	return NULL;
}

static bool
is_idle(const struct nbd_disk *d)
{
	for (unsigned i = 0; i < SLOTS; i++)
		if (d->slots[i].io != NULL)
			return false;
	return true;
}

/* What is to be sent now, or NULL. */
static struct disk_io *
next_io(struct nbd_disk *d)
{
	if (d->held)
		return !d->settled && is_idle(d) ? &d->own : NULL;
	return d->first != NULL ? dequeue(d) : NULL;
}

/* The next request becomes the one that is sent. False: there is none. */
static bool
out_begin(struct nbd_disk *d)
{
	struct slot *s = slot_find(d);
	struct disk_io *io = s != NULL ? next_io(d) : NULL;
	struct nbd_request r;

	if (io == NULL)
		return false;
	s->io = io;
	s->cookie = d->cookies++ << 8 | (uint64_t)(s - d->slots);
	s->length = (uint32_t)(io->length < ZEROES_STEP ? io->length :
	    ZEROES_STEP);
	s->covers = d->answered;
	r = (struct nbd_request){ .command = command_of(io->op),
		.cookie = s->cookie };
	if (io->op != DISK_FLUSH) {
		r.offset = io->offset;
		r.length = s->length;
	}
	if (io->op == DISK_WRITE && io->durable)
		r.flags = NBD_COMMAND_FUA;
	nbd_request_print(&r, d->out.head);
	d->out.done = 0;
	d->out.slot = s;
	return true;
}

/* The part of head and data that is still to pass. */
static unsigned
passage_pieces(struct passage *p, size_t head, struct iovec out[PIECES + 1])
{
	const struct disk_io *io = p->slot != NULL ? p->slot->io : NULL;
	size_t skip = p->done > head ? p->done - head : 0;
	unsigned n = 0;

	if (p->done < head)
		out[n++] = (struct iovec){ p->head + p->done, head - p->done };
	if (io != NULL)
		n += iov_window(io->iov, io->iov_count, skip, out + n, PIECES);
	return n;
}

/* 1: done so far, 0: not now, -1: the connection is lost. */
static int
passed(ssize_t n, struct passage *p)
{
	if (n > 0) {
		p->done += (size_t)n;
		return 1;
	}
	if (n < 0 && errno == EINTR)
		return 1;
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : -1;
}

/* A server that does not flush has nothing to be flushed. */
static void
flushes_skip(struct nbd_disk *d)
{
	if ((d->flags & NBD_CAN_FLUSH) != 0)
		return;
	while (d->first != NULL && d->first->op == DISK_FLUSH)
		disk_io_done(dequeue(d), 0);
	if (d->held && is_idle(d))
		d->settled = true;
}

static int
send_step(struct nbd_disk *d)
{
	struct iovec pieces[PIECES + 1];
	struct msghdr m = { .msg_iov = pieces };
	size_t total = NBD_REQUEST_SIZE;
	int ret;

	flushes_skip(d);
	if (d->out.slot == NULL && !out_begin(d))
		return 0;
	if (d->out.slot->io->op == DISK_WRITE) {
		total += d->out.slot->length;
		m.msg_iovlen = passage_pieces(&d->out, NBD_REQUEST_SIZE,
		    pieces);
	} else {
		pieces[0] = (struct iovec){ d->out.head + d->out.done,
			NBD_REQUEST_SIZE - d->out.done };
		m.msg_iovlen = 1;
	}
	ret = passed(sendmsg(d->fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT), &d->out);
	d->blocked = ret == 0;
	if (d->out.done == total)
		d->out.slot = NULL;
	return ret;
}

static void
flush_answered(struct nbd_disk *d, const struct slot *s)
{
	if (s->covers > d->flushed)
		d->flushed = s->covers;
	if (d->flushed == d->answered)
		*d->mark = 0;
}

/* Before the engine knows: from now on it must not be lost. */
static void
write_answered(struct nbd_disk *d)
{
	d->answered++;
	*d->mark = 1;
}

static void
slot_end(struct nbd_disk *d, struct slot *s, int error)
{
	struct disk_io *io = s->io;

	s->io = NULL;
	if (error == 0 && io->op == DISK_FLUSH)
		flush_answered(d, s);
	if (io == &d->own) {
		d->settled = true;
		d->settle_error = error;
		return;
	}
	if ((io->op == DISK_WRITE && !io->durable) || io->op == DISK_DISCARD)
		write_answered(d);
	if (error == 0 && io->op == DISK_DISCARD && s->length < io->length) {
		io->offset += s->length;
		io->length -= s->length;
		enqueue(d, io);
		return;
	}
	disk_io_done(io, error);
}

/* The head is there: whose it is. -1: nobody's. */
static int
head_received(struct nbd_disk *d)
{
	struct nbd_reply r;
	struct slot *s;

	if (nbd_reply_parse(d->in.head, &r) < 0 || (r.cookie & 0xff) >= SLOTS)
		return -1;
	s = &d->slots[r.cookie & 0xff];
	/* Nor an answer to what was not asked to the end. */
	if (s->io == NULL || s->cookie != r.cookie || s == d->out.slot)
		return -1;
	if (r.error == 0 && s->io->op == DISK_READ) {
		d->in.slot = s;
		return 0;
	}
	d->in.done = 0;
	slot_end(d, s, r.error);
	return 0;
}

static int
receive_step(struct nbd_disk *d)
{
	struct iovec pieces[PIECES + 1];
	struct msghdr m = { .msg_iov = pieces };
	struct slot *s = d->in.slot;
	int ret;

	m.msg_iovlen = passage_pieces(&d->in, NBD_REPLY_SIZE, pieces);
	ret = passed(recvmsg(d->fd, &m, MSG_DONTWAIT), &d->in);
	if (ret <= 0)
		return ret;
	if (s == NULL && d->in.done == NBD_REPLY_SIZE)
		return head_received(d) < 0 ? -1 : 1;
	if (s != NULL && d->in.done == NBD_REPLY_SIZE + (size_t)s->length) {
		memset(&d->in, 0, sizeof(d->in));
		slot_end(d, s, 0);
	}
	return 1;
}

/* False: the connection is lost. */
static bool
pump(struct nbd_disk *d)
{
	int ret;

	if (d->fd < 0)
		return true;
	do
		ret = send_step(d);
	while (ret > 0);
	while (ret >= 0 && (ret = receive_step(d)) > 0)
		continue;
	/* What has ended may have made room for more. */
	while (ret >= 0 && !d->blocked && (ret = send_step(d)) > 0)
		continue;
	return ret >= 0;
}

bool
nbd_disk_pump(struct backend *b)
{
	struct nbd_disk *d = disk_of(b);

	if (d->broken || d->hopeless)
		fail_all(d);
	if (pump(d))
		return true;
	nbd_disk_disconnect(b);
	return false;
}
