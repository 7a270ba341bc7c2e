/* SPDX-License-Identifier: Apache-2.0 */
/* SCSI requests: found the disk, done at once or by its backend, answered. */
#include "storage/srb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/iov.h"

#define LUN_LIST_HEADER 8
#define LUN_LIST_ENTRY 8
#define UNMAP_LIST_MAX (8 + 16 * DISK_DISCARD_RANGES)

/* One that a backend works on. */
struct request {
	struct disk_io io; /* first: disk_io_done() gets this back */
	struct controller *controller;
	struct disk *disk;
	struct request *next; /* among those that are held */
	unsigned channel;
	uint64_t id;
	struct vstor_packet packet;
	uint32_t transferred; /* when it goes well */
	struct disk_range *ranges; /* of UNMAP; owned */
	unsigned range_count;
	struct iovec iov[]; /* what @io.iov points into at first */
};

/* What belongs to one SRB while it is looked at. */
struct srb_state {
	struct controller *controller;
	const struct arrival *arrival;
	struct vstor_packet packet;
	struct disk *disk; /* NULL: there is no such unit */
	size_t data_len;
};

static void
packet_set_result(struct vstor_packet *p, struct sense s, uint32_t transferred)
{
	struct vstor_srb *srb = &p->srb;

	srb->length = sizeof(*srb);
	srb->transfer_length = transferred;
	memset(srb->cdb, 0, sizeof(srb->cdb));
	if (s.key == SCSI_NO_SENSE) {
		srb->srb_status = VSTOR_SRB_SUCCESS;
		srb->scsi_status = SCSI_GOOD;
		srb->sense_length = 0;
		return;
	}
	srb->srb_status = VSTOR_SRB_ERROR | VSTOR_SRB_AUTOSENSE_VALID;
	srb->scsi_status = SCSI_CHECK_CONDITION;
	srb->sense_length = SENSE_SIZE;
	srb->transfer_length = 0;
	sense_write(s, srb->cdb);
}

static void
srb_answer(struct srb_state *st, struct sense s, uint32_t transferred)
{
	packet_set_result(&st->packet, s, transferred);
	controller_answer(st->controller, st->arrival->channel,
	    st->arrival->id, &st->packet, VSTOR_SUCCESS);
}

/* Without sense: @srb_status says it, or that there was no room for it. */
static void
srb_answer_status(struct srb_state *st, enum vstor_srb_status srb_status,
    enum scsi_status scsi_status)
{
	packet_set_result(&st->packet, SENSE_NONE, 0);
	st->packet.srb.srb_status = (uint8_t)srb_status;
	st->packet.srb.scsi_status = (uint8_t)scsi_status;
	controller_answer(st->controller, st->arrival->channel,
	    st->arrival->id, &st->packet, VSTOR_SUCCESS);
}

/* As much of @r as was asked for and has room. */
static void
srb_answer_data(struct srb_state *st, const struct reply *r,
    size_t allocation)
{
	size_t n = r->len;

	if (n > allocation)
		n = allocation;
	if (n > st->data_len)
		n = st->data_len;
	n = iov_write(st->arrival->data, st->arrival->data_count, r->bytes, n);
	srb_answer(st, SENSE_NONE, (uint32_t)n);
}

static struct request *
request_new(struct srb_state *st, unsigned iov_count)
{
	struct request *r = calloc(1, sizeof(*r) +
	    iov_count * sizeof(r->iov[0]));

	if (r == NULL)
		return NULL;
	r->controller = st->controller;
	r->disk = st->disk;
	r->channel = st->arrival->channel;
	r->id = st->arrival->id;
	r->packet = st->packet;
	r->io.iov = r->iov;
	return r;
}

static void
disk_count_io(struct disk *d, const struct disk_io *io)
{
	switch (io->op) {
	case DISK_READ:
		d->stats.reads++;
		d->stats.read_bytes += io->length;
		break;
	case DISK_WRITE:
		d->stats.writes++;
		d->stats.written_bytes += io->length;
		break;
	case DISK_FLUSH:
		d->stats.flushes++;
		break;
	case DISK_DISCARD:
		d->stats.discards++;
		break;
	}
}

static void
request_submit(struct request *r)
{
	struct backend *b = r->disk->is.backend;

	b->ops->submit(b, &r->io);
}

static void
request_begin(struct request *r)
{
	r->controller->channels[r->channel].in_flight++;
	r->controller->in_flight++;
	r->disk->in_flight++;
	disk_count_io(r->disk, &r->io);
	request_submit(r);
}

void
srb_free_disk(struct disk *d)
{
	d->is.backend->ops->close(d->is.backend);
	free(d);
}

static void
request_end(struct request *r, struct sense s)
{
	struct controller *c = r->controller;
	struct disk *d = r->disk;
	unsigned channel = r->channel;

	packet_set_result(&r->packet, s, r->transferred);
	controller_answer(c, channel, r->id, &r->packet, VSTOR_SUCCESS);
	free(r->ranges);
	free(r);
	d->in_flight--;
	if (d->detached && d->in_flight == 0)
		srb_free_disk(d);
	c->channels[channel].in_flight--;
	c->in_flight--;
	controller_settle(c, channel);
}

/* The next of several ranges. */
static void
request_next_range(struct request *r)
{
	const struct disk_range *range = &r->ranges[--r->range_count];

	r->io.offset = range->offset;
	r->io.length = range->length;
	request_submit(r);
}

/* Not while somebody waits for it to end. */
static bool
request_may_wait(const struct request *r, int error)
{
	const struct controller *c = r->controller;

	if ((error != ENOSPC && error != EDQUOT) || r->io.op != DISK_WRITE)
		return false;
	for (unsigned i = 0; i < CONTROLLER_CHANNELS; i++)
		if (c->channels[i].reset.waits)
			return false;
	return r->disk->is.pause_when_full && !r->disk->detached &&
	    !c->channels[r->channel].closing;
}

void
disk_io_done(struct disk_io *io, int error)
{
	struct request *r = (struct request *)io;
	struct sense s = SENSE_NONE;

	if (error == 0 && r->range_count > 0) {
		request_next_range(r);
		return;
	}
	if (request_may_wait(r, error)) {
		r->next = r->controller->held;
		r->controller->held = r;
		r->disk->held++;
		return;
	}
	if (error != 0) {
		r->disk->stats.errors++;
		s = disk_error_sense(io->op, error);
	}
	request_end(r, s);
}

/* Take them all; who is to wait on is held anew. */
static struct request *
held_take(struct controller *c)
{
	struct request *list = c->held;

	c->held = NULL;
	for (struct request *r = list; r != NULL; r = r->next)
		r->disk->held--;
	return list;
}

void
controller_retry(struct controller *c)
{
	struct request *next;

	for (struct request *r = held_take(c); r != NULL; r = next) {
		next = r->next;
		request_submit(r);
	}
}

void
srb_fail_held(struct controller *c, unsigned channel, const struct disk *d)
{
	struct request *next;

	for (struct request *r = held_take(c); r != NULL; r = next) {
		next = r->next;
		if ((channel == SRB_ANY_CHANNEL || channel == r->channel) &&
		    (d == NULL || d == r->disk)) {
			r->disk->stats.errors++;
			request_end(r, disk_error_sense(DISK_WRITE, ENOSPC));
			continue;
		}
		r->next = c->held;
		c->held = r;
		r->disk->held++;
	}
}

static void
srb_begin_io(struct srb_state *st, const struct disk_io *io)
{
	bool data = io->op == DISK_READ || io->op == DISK_WRITE;
	unsigned count = data ? st->arrival->data_count : 0;
	struct request *r;

	if (data && io->length > st->data_len) {
		srb_answer(st, SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB), 0);
		return;
	}
	r = request_new(st, count);
	if (r == NULL) {
		srb_answer_status(st, VSTOR_SRB_SUCCESS, SCSI_TASK_SET_FULL);
		return;
	}
	r->io = *io;
	r->io.iov = r->iov;
	if (data) {
		memcpy(r->iov, st->arrival->data, count * sizeof(r->iov[0]));
		r->io.iov_count = iov_truncate(r->iov, count,
		    (size_t)io->length);
		r->transferred = (uint32_t)io->length;
	}
	request_begin(r);
}

/* The list is copied once, and only the copy is looked at. */
static struct sense
unmap_read(struct srb_state *st, const struct cdb *c,
    struct disk_range *ranges, unsigned *count)
{
	uint8_t list[UNMAP_LIST_MAX];
	const struct disk *d = st->disk;

	*count = 0;
	if (!d->is.backend->discards || d->is.dvd)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_OPCODE);
	if (d->is.readonly)
		return (struct sense){ SCSI_DATA_PROTECT,
			SCSI_ASC_WRITE_PROTECTED };
	if ((c->bytes[1] & 0x01) != 0) /* anchored blocks */
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	if (c->count > sizeof(list) || c->count > st->data_len)
		return SENSE_ILLEGAL(SCSI_ASC_PARAMETER_LIST_LENGTH);
	iov_read(st->arrival->data, st->arrival->data_count, list, c->count);
	return disk_unmap_parse(d, list, c->count, ranges, count);
}

static void
srb_unmap(struct srb_state *st, const struct cdb *c)
{
	struct disk_range ranges[DISK_DISCARD_RANGES];
	unsigned count;
	struct sense s = disk_attention(st->disk, c);
	struct request *r;

	if (s.key == SCSI_NO_SENSE)
		s = unmap_read(st, c, ranges, &count);
	if (s.key != SCSI_NO_SENSE || count == 0) {
		srb_answer(st, s, 0);
		return;
	}
	r = request_new(st, 0);
	if (r != NULL)
		r->ranges = malloc(count * sizeof(ranges[0]));
	if (r == NULL || r->ranges == NULL) {
		free(r);
		srb_answer_status(st, VSTOR_SRB_SUCCESS, SCSI_TASK_SET_FULL);
		return;
	}
	memcpy(r->ranges, ranges, count * sizeof(ranges[0]));
	r->range_count = count - 1;
	r->transferred = c->count;
	r->io.op = DISK_DISCARD;
	r->io.offset = ranges[count - 1].offset;
	r->io.length = ranges[count - 1].length;
	request_begin(r);
}

/* Every target has the list, also where there is no unit at all. */
static void
srb_report_luns(struct srb_state *st, const struct cdb *c)
{
	const struct vstor_srb *srb = &st->packet.srb;
	struct reply r = { .len = 0 };

	reply_add(&r, LUN_LIST_HEADER);
	for (unsigned i = 0; i < CONTROLLER_LUNS; i++)
		if (srb->path == 0 && srb->target == 0 &&
		    st->controller->luns[i] != NULL)
			reply_add(&r, LUN_LIST_ENTRY)[1] = (uint8_t)i;
	be_put(r.bytes, 4, r.len - LUN_LIST_HEADER);
	srb_answer_data(st, &r, c->count);
}

static void
srb_without_disk(struct srb_state *st, const struct cdb *c, struct sense s)
{
	struct reply r = { .len = 0 };

	if (s.key == SCSI_NO_SENSE && c->command == CDB_INQUIRY) {
		disk_inquiry_absent(&r);
		srb_answer_data(st, &r, c->count);
		return;
	}
	srb_answer_status(st, VSTOR_SRB_INVALID_LUN, SCSI_GOOD);
}

static void
srb_execute(struct srb_state *st, const struct cdb *c)
{
	struct disk_answer a;

	disk_execute(st->disk, c, &a);
	switch (a.verdict) {
	case DISK_ANSWERED:
		srb_answer_data(st, &a.reply, a.allocation);
		break;
	case DISK_REFUSED:
		srb_answer(st, a.sense, 0);
		break;
	case DISK_IO:
		srb_begin_io(st, &a.io);
		break;
	}
}

static struct disk *
unit_find(const struct controller *c, const struct vstor_srb *srb)
{
	if (srb->path != 0 || srb->target != 0 || srb->lun >= CONTROLLER_LUNS)
		return NULL;
	return c->luns[srb->lun];
}

void
srb_begin(struct controller *c, const struct arrival *a,
    const struct vstor_packet *p)
{
	struct srb_state st = { .controller = c, .arrival = a, .packet = *p,
		.disk = unit_find(c, &p->srb) };
	size_t cdb_len = p->srb.cdb_length;
	struct sense s;
	struct cdb cdb;

	st.data_len = iov_length(a->data, a->data_count);
	if (st.data_len > p->srb.transfer_length)
		st.data_len = p->srb.transfer_length;
	if (cdb_len > VSTOR_CDB_SIZE)
		cdb_len = VSTOR_CDB_SIZE;
	s = cdb_decode(p->srb.cdb, cdb_len, &cdb);
	if (s.key == SCSI_NO_SENSE && cdb.command == CDB_REPORT_LUNS)
		srb_report_luns(&st, &cdb);
	else if (st.disk == NULL)
		srb_without_disk(&st, &cdb, s);
	else if (s.key != SCSI_NO_SENSE)
		srb_answer(&st, s, 0);
	else if (cdb.command == CDB_UNMAP)
		srb_unmap(&st, &cdb);
	else
		srb_execute(&st, &cdb);
}
