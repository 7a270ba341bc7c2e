/* SPDX-License-Identifier: Apache-2.0 */
/* One request a client; the services say when it is done. */
#include "integration/desk.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "integration/report.h"

void
desk_init(struct desk *d, struct services *s, const struct desk_source *source)
{
	memset(d, 0, sizeof(*d));
	d->services = s;
	d->source = source;
	d->copy_fd = -1;
}

static void
copy_fd_close(struct desk *d)
{
	if (d->copy_fd >= 0)
		d->source->close(d->copy_fd);
	d->copy_fd = -1;
}

/* Takes @fd, also when it fails. */
static int
copy_begin(struct desk *d, const struct request *r, int fd, uint64_t now,
    struct err *e)
{
	struct fcopy_file file = { .path = r->path,
		.overwrite = r->overwrite, .make_path = r->make_path };

	if (fd < 0)
		return err_set(e, EPROTO, "no file came with the request");
	if (d->source->size(fd, &file.size, e) < 0 ||
	    fcopy_start(&d->services->fcopy, &file, now, e) < 0) {
		d->source->close(fd);
		return -1;
	}
	copy_fd_close(d);
	d->copy_fd = fd;
	return 0;
}

/* Whether the answer of the last one has been given out, if to nobody. */
static bool
is_awaited(const struct desk *d, enum request_op first, enum request_op last)
{
	for (unsigned i = 0; i < DESK_CLIENTS; i++)
		if (d->client[i].waits && d->client[i].op >= first &&
		    d->client[i].op <= last)
			return true;
	return false;
}

static int
pairs_begin(struct desk *d, const struct request *r, uint64_t now,
    struct err *e)
{
	const struct kvp_entry entry = {
		.pool = r->pool, .key = r->key, .value = r->value,
	};
	struct kvp *k = &d->services->kvp;
	struct err unused;

	/* Nobody is there any more to take the outcome of the last one. */
	if (!is_awaited(d, REQUEST_KVP_GET, REQUEST_ADDRESSES))
		kvp_report(k, &unused);
	switch (r->op) {
	case REQUEST_KVP_GET:
		return kvp_get(k, &entry, now, e);
	case REQUEST_KVP_SET:
		return kvp_set(k, &entry, now, e);
	case REQUEST_KVP_DELETE:
		return kvp_delete(k, &entry, now, e);
	default:
		return kvp_get_ip(k, r->mac, now, e);
	}
}

static int
begin(struct desk *d, const struct request *r, int fd, uint64_t now,
    struct err *e)
{
	struct services *s = d->services;

	switch (r->op) {
	case REQUEST_SHUTDOWN:
	case REQUEST_RESTART:
		return shutdown_ask(&s->shutdown, r->op == REQUEST_RESTART,
		    r->force, now, e);
	case REQUEST_KVP_GET:
	case REQUEST_KVP_SET:
	case REQUEST_KVP_DELETE:
	case REQUEST_ADDRESSES:
		return pairs_begin(d, r, now, e);
	case REQUEST_COPY:
		return copy_begin(d, r, fd, now, e);
	case REQUEST_FREEZE:
		return vss_freeze(&s->vss, r->seconds, now, e);
	case REQUEST_THAW:
		vss_thaw(&s->vss, now);
		return 0;
	case REQUEST_SYNC_TIME:
		if (s->timesync.ic.state != IC_READY)
			return err_set(e, ENOTCONN,
			    "the guest's clock cannot be set");
		timesync_step(&s->timesync, now);
		return 0;
	case REQUEST_STATUS:
	case REQUEST_OPS:
		break;
	}
	return 0;
}

/* What became of it; EINPROGRESS while that is open. */
static int
outcome(struct desk *d, enum request_op op, struct err *e)
{
	struct services *s = d->services;

	switch (op) {
	case REQUEST_SHUTDOWN:
	case REQUEST_RESTART:
		return shutdown_report(&s->shutdown, e);
	case REQUEST_KVP_GET:
	case REQUEST_KVP_SET:
	case REQUEST_KVP_DELETE:
	case REQUEST_ADDRESSES:
		return kvp_report(&s->kvp, e);
	case REQUEST_COPY:
		return fcopy_report(&s->fcopy, e);
	case REQUEST_FREEZE:
		return vss_report_freeze(&s->vss, e);
	case REQUEST_THAW:
		return vss_report_thaw(&s->vss, e);
	case REQUEST_STATUS:
	case REQUEST_SYNC_TIME:
	case REQUEST_OPS:
		break;
	}
	return 0;
}

size_t
desk_refuse(struct desk *d, const struct err *e)
{
	return report_refused(e, d->reply, sizeof(d->reply));
}

static size_t
done(struct desk *d, enum request_op op)
{
	struct services *s = d->services;

	switch (op) {
	case REQUEST_STATUS:
		return report_status(s, d->reply, sizeof(d->reply));
	case REQUEST_KVP_GET:
		return report_value(s->kvp.job.value, d->reply,
		    sizeof(d->reply));
	case REQUEST_ADDRESSES:
		return report_addresses(&s->kvp.job, d->reply,
		    sizeof(d->reply));
	default:
		return report_done(d->reply, sizeof(d->reply));
	}
}

size_t
desk_ask(struct desk *d, unsigned client, const struct request *r, int fd,
    uint64_t now)
{
	struct err e;

	assert(client < DESK_CLIENTS);
	if (fd >= 0 && (r->op != REQUEST_COPY || d->client[client].waits)) {
		d->source->close(fd);
		fd = -1;
	}
	if (d->client[client].waits)
		err_set(&e, EBUSY, "one request at a time");
	else if (begin(d, r, fd, now, &e) == 0) {
		d->client[client].waits = true;
		d->client[client].op = r->op;
		return desk_outcome(d, client);
	}
	return desk_refuse(d, &e);
}

size_t
desk_outcome(struct desk *d, unsigned client)
{
	enum request_op op = d->client[client].op;
	struct err e;
	int ret;

	if (!d->client[client].waits)
		return 0;
	ret = outcome(d, op, &e);
	if (ret < 0 && e.code == EINPROGRESS)
		return 0;
	d->client[client].waits = false;
	if (op == REQUEST_COPY)
		copy_fd_close(d);
	return ret < 0 ? desk_refuse(d, &e) : done(d, op);
}

void
desk_feed(struct desk *d, uint64_t now)
{
	struct fcopy *f = &d->services->fcopy;
	uint8_t block[WIRE_FCOPY_BLOCK];
	uint64_t offset;
	uint32_t size;
	struct err e;

	if (!fcopy_wants(f, &offset, &size))
		return;
	if (d->source->read(d->copy_fd, offset, block, size, &e) < 0)
		fcopy_cancel(f, &e, now);
	else
		fcopy_block(f, block, now);
}

void
desk_forget(struct desk *d, unsigned client, uint64_t now)
{
	struct err e;

	if (!d->client[client].waits)
		return;
	d->client[client].waits = false;
	err_set(&e, ECANCELED, "who asked for it has left");
	if (d->client[client].op == REQUEST_COPY) {
		fcopy_cancel(&d->services->fcopy, &e, now);
		copy_fd_close(d);
	} else if (d->client[client].op == REQUEST_FREEZE) {
		vss_thaw(&d->services->vss, now);
	}
}
