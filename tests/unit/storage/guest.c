/* SPDX-License-Identifier: Apache-2.0 */
/* A guest that initialises a controller and keeps its answers. */
#include "guest.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "storage/iov.h"

static void
memory_disk_submit(struct backend *b, struct disk_io *io)
{
	struct memory_disk *m = (struct memory_disk *)b;

	io->next = m->queue;
	m->queue = io;
}

static void
memory_disk_close(struct backend *b)
{
	struct memory_disk *m = (struct memory_disk *)b;

	cr_expect_null(m->queue, "closed with I/O under way");
	cr_expect_not(m->closed, "closed twice");
	m->closed = true;
}

static const struct backend_ops memory_disk_ops = {
	.submit = memory_disk_submit,
	.close = memory_disk_close,
};

void
memory_disk_init(struct memory_disk *m, uint64_t size)
{
	memset(m, 0, sizeof(*m));
	m->backend = (struct backend){ .ops = &memory_disk_ops, .size = size,
		.discards = true, .zeroes = true };
	m->bytes = calloc(1, size);
	m->room = UINT64_MAX;
}

void
memory_disk_free(struct memory_disk *m)
{
	free(m->bytes);
}

static int
memory_disk_do(struct memory_disk *m, const struct disk_io *io)
{
	if (m->error != 0)
		return m->error;
	cr_assert_leq(io->offset, m->backend.size);
	cr_assert_leq(io->length, m->backend.size - io->offset);
	switch (io->op) {
	case DISK_READ:
		cr_assert_eq(iov_write(io->iov, io->iov_count,
		    m->bytes + io->offset, io->length), io->length);
		break;
	case DISK_WRITE:
		if (io->offset + io->length > m->room)
			return ENOSPC;
		cr_assert_eq(iov_read(io->iov, io->iov_count,
		    m->bytes + io->offset, io->length), io->length);
		m->durable_writes += io->durable;
		break;
	case DISK_FLUSH:
		m->flushes++;
		break;
	case DISK_DISCARD:
		memset(m->bytes + io->offset, 0, io->length);
		break;
	}
	return 0;
}

unsigned
memory_disk_run(struct memory_disk *m)
{
	unsigned done = 0;

	while (m->queue != NULL) {
		struct disk_io *io = m->queue;

		m->queue = io->next;
		disk_io_done(io, memory_disk_do(m, io));
		done++;
	}
	return done;
}

static void
take_answer(void *ctx, unsigned channel, uint64_t id,
    const struct vstor_packet *p)
{
	struct guest *g = ctx;

	cr_assert_lt(g->answer_count, ANSWERS_MAX);
	cr_expect_eq(p->operation, VSTOR_COMPLETE_IO);
	g->answers[g->answer_count++] = (struct guest_answer){ channel, id,
		*p };
}

static void
take_announcement(void *ctx, const struct vstor_packet *p)
{
	struct guest *g = ctx;

	g->announced = *p;
	g->announcements++;
}

static void
take_sub_channels(void *ctx, unsigned count)
{
	((struct guest *)ctx)->sub_channels = count;
}

static void
take_idle(void *ctx, unsigned channel)
{
	struct guest *g = ctx;

	cr_expect_eq(g->idle & 1U << channel, 0, "idle twice");
	g->idle |= 1U << channel;
}

static void
take_session(void *ctx, const struct controller_session *s)
{
	((struct guest *)ctx)->remembered = *s;
}

static const struct controller_ops guest_ops = {
	.answer = take_answer,
	.announce = take_announcement,
	.sub_channels = take_sub_channels,
	.idle = take_idle,
	.remember = take_session,
};

static const struct guest_answer *
send(struct guest *g, unsigned channel, const struct vstor_packet *p,
    const struct iovec *data, unsigned data_count)
{
	struct arrival a = { .channel = channel, .id = ++g->next_id,
		.payload = (const uint8_t *)p, .len = sizeof(*p),
		.data = data, .data_count = data_count };
	unsigned before = g->answer_count;

	cr_assert_eq(controller_receive(&g->controller, &a), 0);
	return g->answer_count > before ? &g->answers[g->answer_count - 1]
					: NULL;
}

const struct guest_answer *
guest_send(struct guest *g, unsigned channel, const struct vstor_packet *p)
{
	return send(g, channel, p, NULL, 0);
}

const struct guest_answer *
guest_operate(struct guest *g, enum vstor_operation operation)
{
	struct vstor_packet p = { .operation = operation, .flags = 1 };

	return guest_send(g, 0, &p);
}

void
guest_init(struct guest *g)
{
	struct vstor_packet version = { .operation = VSTOR_QUERY_VERSION,
		.version.version = VSTOR_VERSION_6_2 };

	memset(g, 0, sizeof(*g));
	controller_init(&g->controller, &guest_ops, g, 3);
	controller_open(&g->controller, 0);
	cr_assert_eq(guest_operate(g, VSTOR_BEGIN_INITIALIZATION)
	    ->packet.status, 0);
	cr_assert_eq(guest_send(g, 0, &version)->packet.status, 0);
	cr_assert_eq(guest_operate(g, VSTOR_QUERY_PROPERTIES)
	    ->packet.status, 0);
	cr_assert_eq(guest_operate(g, VSTOR_END_INITIALIZATION)
	    ->packet.status, 0);
}

struct disk_setup
guest_disk_setup(struct guest *g, const char *serial)
{
	struct disk_setup s = { .backend = &g->disk.backend };

	strcpy(s.serial, serial);
	return s;
}

static void
init_with(struct guest *g, bool dvd)
{
	struct disk_setup s;
	struct err e = { 0 };

	guest_init(g);
	memory_disk_init(&g->disk, MEMORY_DISK_BLOCKS * DISK_BLOCK);
	s = guest_disk_setup(g, "demo-0");
	s.dvd = dvd;
	cr_assert_eq(controller_attach(&g->controller, &s, 0, &e), 0, "%s",
	    e.text);
	g->announcements = 0;
}

void
guest_init_with_disk(struct guest *g)
{
	init_with(g, false);
}

void
guest_init_with_dvd(struct guest *g)
{
	init_with(g, true);
}

void
guest_free(struct guest *g)
{
	controller_release(&g->controller);
	cr_expect(g->disk.bytes == NULL || g->disk.closed);
	memory_disk_free(&g->disk);
}

struct vstor_packet
guest_srb(const uint8_t *cdb, size_t cdb_len, size_t len)
{
	struct vstor_packet p = { .operation = VSTOR_EXECUTE_SRB, .flags = 1 };

	p.srb.length = sizeof(p.srb);
	p.srb.cdb_length = (uint8_t)cdb_len;
	p.srb.sense_length = VSTOR_SENSE_SIZE;
	p.srb.transfer_length = (uint32_t)len;
	memcpy(p.srb.cdb, cdb, cdb_len);
	return p;
}

const struct guest_answer *
guest_send_srb(struct guest *g, unsigned channel,
    const struct vstor_packet *p)
{
	size_t len = p->srb.transfer_length, first = len / 3;
	struct iovec pieces[] = { { g->data, first },
		{ g->data + first, len - first } };

	cr_assert_leq(len, sizeof(g->data));
	return send(g, channel, p, pieces, len > 0 ? 2 : 0);
}

const struct vstor_srb *
guest_run(struct guest *g, const uint8_t *cdb, size_t cdb_len, size_t len)
{
	struct vstor_packet p = guest_srb(cdb, cdb_len, len);
	unsigned before = g->answer_count;

	guest_send_srb(g, 0, &p);
	memory_disk_run(&g->disk);
	cr_assert_eq(g->answer_count, before + 1, "opcode %02x: no answer",
	    cdb[0]);
	cr_expect_eq(g->answers[before].id, g->next_id);
	cr_expect_eq(g->answers[before].packet.status, 0);
	return &g->answers[before].packet.srb;
}

void
expect_good(const struct vstor_srb *srb, uint32_t transferred)
{
	cr_expect_eq(srb->srb_status, VSTOR_SRB_SUCCESS);
	cr_expect_eq(srb->scsi_status, SCSI_GOOD, "sense %x/%02x%02x",
	    srb->cdb[2], srb->cdb[12], srb->cdb[13]);
	cr_expect_eq(srb->transfer_length, transferred, "%u bytes, not %u",
	    srb->transfer_length, transferred);
}

void
expect_sense(const struct vstor_srb *srb, unsigned key, unsigned asc)
{
	cr_expect_eq(srb->srb_status, 0x84);
	cr_expect_eq(srb->scsi_status, SCSI_CHECK_CONDITION);
	cr_expect_eq(srb->transfer_length, 0);
	cr_expect_eq(srb->sense_length, SENSE_SIZE);
	cr_expect_eq(srb->cdb[0], 0x70);
	cr_expect_eq(srb->cdb[2], key, "key %x, not %x", srb->cdb[2], key);
	cr_expect_eq(be_get(srb->cdb + 12, 2), asc, "asc %04x, not %04x",
	    (unsigned)be_get(srb->cdb + 12, 2), asc);
}
