/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's packets: NVSP messages and what they set up. */
#include <string.h>

#include "network/adapter.h"
#include "network/control.h"
#include "network/nvsp_wire.h"
#include "network/receive.h"
#include "network/transmit.h"

/* What Linux sized its send buffer for, and a sane end. */
#define SECTION_SIZE		6144u
#define SECTIONS_MAX		4096u

static void
answer(struct adapter *a, unsigned queue, const struct packet *p,
    const struct nvsp_message *m)
{
	struct outbox_entry entry = outbox_entry_make(PACKET_COMPLETION,
	    p->transaction_id, m, sizeof(*m));

	/* A frame that was in a section is copied: nobody waits for it. */
	entry.can_wait = m->type == NVSP_RNDIS_ANSWER &&
	    p->type == PACKET_IN_BAND;
	if (p->wants_completion)
		adapter_post(a, queue, &entry);
}

static void
answer_rndis(struct adapter *a, unsigned queue, const struct packet *p,
    enum nvsp_status status)
{
	struct nvsp_message m = { .type = NVSP_RNDIS_ANSWER };

	m.answer.status = status;
	answer(a, queue, p, &m);
}

static void
init_handle(struct adapter *a, const struct packet *p,
    const struct nvsp_message *in)
{
	static const uint32_t versions[] = {
		NVSP_VERSION_61, NVSP_VERSION_6, NVSP_VERSION_5,
		NVSP_VERSION_4, NVSP_VERSION_2, NVSP_VERSION_1,
	};
	struct nvsp_message out = { .type = NVSP_INIT_ANSWER };
	const struct nvsp_init *want = &in->init;

	out.init_answer.status = NVSP_FAILURE;
	out.init_answer.chain_max = NVSP_CHAIN_MAX;
	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++)
		if (want->version_min <= versions[i] &&
		    versions[i] <= want->version_max && a->version == 0) {
			a->version = versions[i];
			out.init_answer.version = versions[i];
			out.init_answer.status = NVSP_SUCCESS;
		}
	answer(a, 0, p, &out);
}

static void
receive_buffer_handle(struct adapter *a, const struct packet *p,
    const struct nvsp_message *in)
{
	struct nvsp_message out = { .type = NVSP_RECEIVE_BUFFER_ANSWER };
	const struct gpadl *g = a->ops->gpadl(a->ctx, in->buffer.gpadl);
	uint32_t count = g != NULL ? g->byte_count / RECEIVE_PART : 0;

	out.receive_buffer_answer.status = NVSP_FAILURE;
	if (a->version != 0 && a->receive_buffer == NULL &&
	    count > SPARES_LEFT && pool_create(&a->pool, count, RECEIVE_PART)) {
		a->receive_buffer = g;
		out.receive_buffer_answer = (struct nvsp_receive_buffer_answer){
			.status = NVSP_SUCCESS,
			.section_count = 1,
			.offset = 0,
			.allocation_size = RECEIVE_PART,
			.allocation_count = count,
			.end_offset = RECEIVE_PART * count,
		};
	}
	answer(a, 0, p, &out);
}

static void
send_buffer_handle(struct adapter *a, const struct packet *p,
    const struct nvsp_message *in)
{
	struct nvsp_message out = { .type = NVSP_SEND_BUFFER_ANSWER };
	const struct gpadl *g = a->ops->gpadl(a->ctx, in->buffer.gpadl);
	uint32_t count = g != NULL ? g->byte_count / SECTION_SIZE : 0;

	out.send_buffer_answer.status = NVSP_FAILURE;
	if (a->version != 0 && a->send_buffer == NULL && count > 0) {
		a->send_buffer = g;
		a->section_count = count < SECTIONS_MAX ? count : SECTIONS_MAX;
		out.send_buffer_answer.status = NVSP_SUCCESS;
		out.send_buffer_answer.section_size = SECTION_SIZE;
	}
	answer(a, 0, p, &out);
}

/* The table by which the guest spreads what it sends; 16 entries. */
static void
send_table_post(struct adapter *a)
{
	uint8_t bytes[NVSP_MESSAGE_SIZE + 4 * NVSP_SEND_TABLE_ENTRIES];
	struct nvsp_message m = { .type = NVSP_SEND_TABLE };
	struct outbox_entry entry;

	m.send_table.count = NVSP_SEND_TABLE_ENTRIES;
	m.send_table.offset = NVSP_MESSAGE_SIZE;
	memcpy(bytes, &m, sizeof(m));
	for (uint32_t i = 0; i < NVSP_SEND_TABLE_ENTRIES; i++) {
		uint32_t queue = i % (a->granted + 1);

		memcpy(bytes + sizeof(m) + i * 4, &queue, 4);
	}
	entry = outbox_entry_make(PACKET_IN_BAND, 0, bytes, sizeof(bytes));
	adapter_post(a, 0, &entry);
}

static void
subchannel_handle(struct adapter *a, const struct packet *p,
    const struct nvsp_message *in)
{
	struct nvsp_message out = { .type = NVSP_SUBCHANNEL };
	uint32_t count = in->subchannel.count;
	bool fine = a->version >= NVSP_VERSION_5 && a->granted == 0 &&
	    in->subchannel.operation == NVSP_SUBCHANNEL_ALLOCATE;

	if (count > a->config.queues - 1)
		count = a->config.queues - 1;
	out.subchannel.operation = fine ? NVSP_SUCCESS : NVSP_FAILURE;
	out.subchannel.count = fine ? count : 0;
	answer(a, 0, p, &out);
	if (!fine || count == 0)
		return;
	a->granted = count;
	send_table_post(a);
	a->ops->offer_queues(a->ctx, count);
}

/* The bytes of an RNDIS message: from a section, then from the ranges. */
static bool
rndis_stream(const struct adapter *a, const struct packet *p,
    const struct nvsp_rndis *m, struct iovec section[SPARE_PIECES_MAX],
    struct stream *s)
{
	int n = 0;

	if (m->section != NVSP_NO_SECTION) {
		if (m->section >= a->section_count ||
		    m->section_used > SECTION_SIZE)
			return false;
		n = gpadl_pieces(a->send_buffer, a->config.memory,
		    (uint64_t)m->section * SECTION_SIZE, m->section_used,
		    section, SPARE_PIECES_MAX);
		if (n < 0)
			return false;
	}
	stream_init(s, section, (size_t)n, p->pages,
	    p->type == PACKET_GPA_DIRECT ? p->page_pieces : 0);
	return true;
}

static void
rndis_handle(struct adapter *a, unsigned queue, const struct packet *p,
    const struct nvsp_message *in)
{
	struct iovec section[SPARE_PIECES_MAX];
	bool is_control = in->rndis.channel_type == NVSP_CONTROL;
	struct stream s;

	if (a->receive_buffer == NULL ||
	    in->rndis.channel_type > NVSP_CONTROL ||
	    (is_control && queue != 0) ||
	    !rndis_stream(a, p, &in->rndis, section, &s)) {
		a->queues[queue].stats.bad_messages++;
		answer_rndis(a, queue, p, NVSP_INVALID_RNDIS);
	} else if (is_control) {
		answer_rndis(a, queue, p, NVSP_SUCCESS);
		control_handle(a, &s);
	} else {
		answer_rndis(a, queue, p, transmit_frames(a, queue, &s) ?
		    NVSP_SUCCESS : NVSP_INVALID_RNDIS);
	}
}

/* The rest, on the primary channel only. */
static void
setup_handle(struct adapter *a, const struct packet *p,
    const struct nvsp_message *in)
{
	struct outbox_entry empty;

	switch (in->type) {
	case NVSP_INIT:
		init_handle(a, p, in);
		return;
	case NVSP_RECEIVE_BUFFER:
		receive_buffer_handle(a, p, in);
		return;
	case NVSP_SEND_BUFFER:
		send_buffer_handle(a, p, in);
		return;
	case NVSP_SUBCHANNEL:
		subchannel_handle(a, p, in);
		return;
	case NVSP_RECEIVE_BUFFER_REVOKE:
		adapter_drop_receive_buffer(a);
		break;
	case NVSP_SEND_BUFFER_REVOKE:
		a->send_buffer = NULL;
		a->section_count = 0;
		break;
	case NVSP_NDIS_CONFIG:
		a->capabilities = in->ndis_config.capabilities;
		break;
	case NVSP_NDIS_VERSION:
	case NVSP_DATA_PATH:
		break;
	default:
		a->queues[0].stats.bad_messages++;
		break;
	}
	/* Nobody asks for one, except of the data path. */
	empty = outbox_entry_make(PACKET_COMPLETION, p->transaction_id, "", 0);
	if (p->wants_completion)
		adapter_post(a, 0, &empty);
}

void
adapter_packet(struct adapter *a, unsigned queue, const struct packet *p)
{
	struct nvsp_message in = { .type = 0 };
	size_t len = p->payload_size;

	memcpy(&in, p->payload, len < sizeof(in) ? len : sizeof(in));
	if (p->type == PACKET_COMPLETION) {
		if (!pool_complete(&a->pool, p->transaction_id, queue))
			a->queues[queue].stats.bad_messages++;
	} else if (p->type != PACKET_IN_BAND && p->type != PACKET_GPA_DIRECT) {
		a->queues[queue].stats.bad_messages++;
	} else if (in.type == NVSP_RNDIS) {
		rndis_handle(a, queue, p, &in);
	} else if (queue == 0) {
		setup_handle(a, p, &in);
	} else {
		a->queues[queue].stats.bad_messages++;
	}
	adapter_tell_link(a);
}
