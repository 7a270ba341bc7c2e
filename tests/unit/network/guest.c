/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's driver, its memory, and the port, in memory. */
#include "guest.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PFN	0x100u
#define PAGES_ALL	(GUEST_RECEIVE_PAGES + GUEST_SEND_PAGES + \
			GUEST_DATA_PAGES)

const uint8_t guest_mac[FRAME_MAC] = { 0x02, 0, 0, 0, 0, 0x11 };
const uint8_t guest_server[FRAME_MAC] = { 0x02, 0, 0, 0, 0, 0x22 };

static uint8_t *
page_at(struct guest *g, uint64_t pfn)
{
	return memory_at(&g->memory, pfn << MEMORY_PAGE_SHIFT, MEMORY_PAGE);
}

/* --- What the adapter asks for. --- */

static bool
op_send(void *ctx, unsigned queue, const struct packet_out *out)
{
	struct guest *g = ctx;
	struct guest_packet *p = &g->packets[g->packet_count];

	if (g->room == 0 || g->packet_count == GUEST_PACKETS_MAX)
		return false;
	g->room--;
	g->packet_count++;
	memset(p, 0, sizeof(*p));
	p->queue = queue;
	p->type = out->type;
	p->transaction_id = out->transaction_id;
	p->wants_completion = out->wants_completion;
	p->page_set = out->page_set;
	p->range_count = out->range_count;
	assert(out->range_count <= ADAPTER_BATCH_MAX);
	if (out->range_count > 0)
		memcpy(p->ranges, out->ranges,
		    out->range_count * sizeof(p->ranges[0]));
	for (unsigned i = 0; i < out->payload_count; i++) {
		const struct iovec *iov = &out->payload[i];

		assert(p->size + iov->iov_len <= sizeof(p->payload));
		memcpy(p->payload + p->size, iov->iov_base, iov->iov_len);
		p->size += iov->iov_len;
	}
	return true;
}

static const struct gpadl *
op_gpadl(void *ctx, uint32_t handle)
{
	struct guest *g = ctx;

	return handle == GUEST_RECEIVE_GPADL ? g->receive :
	    handle == GUEST_SEND_GPADL ? g->send : NULL;
}

static void
op_offer_queues(void *ctx, unsigned count)
{
	struct guest *g = ctx;

	g->offered = count;
}

static struct guest_frame *
frame_append(struct guest_frames *f)
{
	struct guest_frame *frame = &f->frames[f->count];

	assert(f->count < GUEST_FRAMES_MAX);
	memset(frame, 0, sizeof(*frame));
	frame->bytes = calloc(1, GUEST_FRAME_BYTES);
	assert(frame->bytes != NULL);
	f->count++;
	return frame;
}

static void
frame_add(struct guest_frame *frame, const void *bytes, size_t len)
{
	assert(frame->len + len <= GUEST_FRAME_BYTES);
	memcpy(frame->bytes + frame->len, bytes, len);
	frame->len += len;
}

static bool
op_port_send(void *ctx, unsigned queue, const struct iovec *iov, int count)
{
	struct guest *g = ctx;
	struct guest_frame *frame;
	const size_t header = sizeof(frame->header);

	if (g->port_refuses || g->sent.count == GUEST_FRAMES_MAX)
		return false;
	frame = frame_append(&g->sent);
	frame->queue = queue;
	assert(iov[0].iov_len > header);
	memcpy(&frame->header, iov[0].iov_base, header);
	frame_add(frame, (uint8_t *)iov[0].iov_base + header,
	    iov[0].iov_len - header);
	for (int i = 1; i < count; i++)
		frame_add(frame, iov[i].iov_base, iov[i].iov_len);
	return true;
}

static size_t
op_port_receive(void *ctx, unsigned queue, const struct iovec *iov,
    int count)
{
	struct guest *g = ctx;
	struct guest_frame frame;
	size_t at = 0;

	(void)queue;
	if (g->waiting.count == 0)
		return 0;
	frame = g->waiting.frames[0];
	memcpy(iov[0].iov_base, &frame.header, sizeof(frame.header));
	for (int i = 1; i < count && at < frame.len; i++) {
		size_t n = frame.len - at < iov[i].iov_len ? frame.len - at :
		    iov[i].iov_len;

		memcpy(iov[i].iov_base, frame.bytes + at, n);
		at += n;
	}
	free(frame.bytes);
	g->waiting.count--;
	memmove(&g->waiting.frames[0], &g->waiting.frames[1],
	    g->waiting.count * sizeof(g->waiting.frames[0]));
	return sizeof(frame.header) + at;
}

static void
op_port_offload(void *ctx, bool on)
{
	struct guest *g = ctx;

	g->offload = on;
}

static const struct adapter_ops ops = {
	.send = op_send,
	.gpadl = op_gpadl,
	.offer_queues = op_offer_queues,
	.port_send = op_port_send,
	.port_receive = op_port_receive,
	.port_offload = op_port_offload,
};

/* --- The machine. --- */

/* Pages in descending order: none follows its neighbour in memory. */
static struct gpadl *
pages_make(uint64_t last_pfn, uint32_t count)
{
	struct gpadl *l = calloc(1, sizeof(*l) + count * sizeof(l->pfns[0]));

	assert(l != NULL);
	l->byte_count = count * MEMORY_PAGE;
	l->page_count = count;
	l->pages_have = count;
	l->state = GPADL_READY;
	for (uint32_t i = 0; i < count; i++)
		l->pfns[i] = last_pfn - i;
	return l;
}

struct guest *
guest_create(unsigned queues, uint64_t rate, bool spoofing)
{
	struct guest *g = calloc(1, sizeof(*g));
	uint8_t *ram = calloc(PAGES_ALL, MEMORY_PAGE);
	struct memory_region region = {
		.gpa = FIRST_PFN << MEMORY_PAGE_SHIFT,
		.size = (uint64_t)PAGES_ALL * MEMORY_PAGE,
	};
	struct adapter_config config = {
		.mtu = 1500,
		.queues = queues,
		.rate = rate,
		.spoofing = spoofing,
		.name = "default",
	};
	uint64_t pfn = FIRST_PFN;

	assert(g != NULL && ram != NULL);
	assert(memory_set(&g->memory, ram, region.size, &region, 1));
	pfn += GUEST_RECEIVE_PAGES;
	g->receive = pages_make(pfn - 1, GUEST_RECEIVE_PAGES);
	pfn += GUEST_SEND_PAGES;
	g->send = pages_make(pfn - 1, GUEST_SEND_PAGES);
	g->data_pfn = pfn;
	g->room = GUEST_PACKETS_MAX;
	g->next_id = 1;
	memcpy(config.mac, guest_mac, FRAME_MAC);
	memcpy(config.server, guest_server, FRAME_MAC);
	config.memory = &g->memory;
	adapter_init(&g->adapter, &config, &ops, g, g->now);
	adapter_opened(&g->adapter, 0);
	return g;
}

void
guest_frames_free(struct guest_frames *f)
{
	for (unsigned i = 0; i < f->count; i++)
		free(f->frames[i].bytes);
	f->count = 0;
}

void
guest_destroy(struct guest *g)
{
	adapter_destroy(&g->adapter);
	guest_frames_free(&g->sent);
	guest_frames_free(&g->waiting);
	free(g->memory.base);
	free(g->receive);
	free(g->send);
	free(g);
}

/* --- The driver. --- */

bool
guest_packet(struct guest *g, unsigned queue, enum packet_type type,
    const void *payload, size_t len, const struct iovec *pages, size_t count)
{
	uint8_t padded[128] __attribute__((aligned(8))) = { 0 };
	struct packet p = {
		.type = type,
		.wants_completion = true,
		.transaction_id = g->next_id++,
		.payload = padded,
		.payload_size = (len + 7) & ~(size_t)7,
		.pages = pages,
		.page_pieces = count,
	};

	assert(len <= sizeof(padded));
	if (len > 0)
		memcpy(padded, payload, len);
	if (adapter_packet_wait(&g->adapter, queue, g->now) != 0)
		return false;
	adapter_packet(&g->adapter, queue, &p);
	return true;
}

bool
guest_take(struct guest *g, struct guest_packet *out)
{
	if (g->packet_count == 0)
		return false;
	*out = g->packets[0];
	g->packet_count--;
	memmove(&g->packets[0], &g->packets[1],
	    g->packet_count * sizeof(g->packets[0]));
	g->room++;
	return true;
}

bool
guest_nvsp(struct guest *g, const struct nvsp_message *in,
    struct nvsp_message *out)
{
	struct guest_packet p;

	if (!guest_packet(g, 0, PACKET_IN_BAND, in, sizeof(*in), NULL, 0) ||
	    !guest_take(g, &p) || p.type != PACKET_COMPLETION ||
	    p.size != sizeof(*out))
		return false;
	memcpy(out, p.payload, sizeof(*out));
	return true;
}

static void
buffer_read(struct guest *g, const struct gpadl *l, uint32_t at, void *to,
    size_t len)
{
	struct iovec iov[GUEST_DATA_PAGES];
	int n = gpadl_pieces(l, &g->memory, at, len, iov, GUEST_DATA_PAGES);
	uint8_t *out = to;

	assert(n >= 0);
	for (int i = 0; i < n; i++) {
		memcpy(out, iov[i].iov_base, iov[i].iov_len);
		out += iov[i].iov_len;
	}
}

size_t
guest_control(struct guest *g, const void *message, size_t len, uint8_t *out,
    size_t room)
{
	struct nvsp_message m = {
		.type = NVSP_RNDIS,
		.rndis = { NVSP_CONTROL, NVSP_NO_SECTION, 0 },
	};
	struct iovec page = { page_at(g, g->data_pfn), len };
	struct guest_packet p;

	assert(len <= MEMORY_PAGE);
	memcpy(page.iov_base, message, len);
	if (!guest_packet(g, 0, PACKET_GPA_DIRECT, &m, sizeof(m), &page, 1) ||
	    !guest_take(g, &p) || p.type != PACKET_COMPLETION)
		return 0;
	if (!guest_take(g, &p) || p.type != PACKET_TRANSFER_PAGES ||
	    p.page_set != NVSP_PAGE_SET || p.range_count != 1 ||
	    p.ranges[0].length > room)
		return 0;
	buffer_read(g, g->receive, p.ranges[0].offset, out,
	    p.ranges[0].length);
	guest_complete(g, 0, p.transaction_id);
	return p.ranges[0].length;
}

static size_t
request_make(struct guest *g, uint32_t type, uint32_t oid, const void *info,
    size_t len, uint8_t out[MEMORY_PAGE])
{
	struct rndis_request r = {
		.head = { type, (uint32_t)(sizeof(r) + len) },
		.request = ++g->next_request,
		.oid = oid,
		.info_length = (uint32_t)len,
		.info_offset = sizeof(r) - sizeof(r.head),
	};

	memcpy(out, &r, sizeof(r));
	if (info != NULL)
		memcpy(out + sizeof(r), info, len);
	else
		memset(out + sizeof(r), 0, len);
	return sizeof(r) + len;
}

uint32_t
guest_query(struct guest *g, uint32_t oid, size_t want, uint8_t *out,
    size_t room, size_t *len)
{
	uint8_t request[MEMORY_PAGE], reply[CONTROL_REPLY_MAX];
	struct rndis_query_answer head;
	size_t n = request_make(g, RNDIS_QUERY, oid, NULL, want, request);

	*len = 0;
	n = guest_control(g, request, n, reply, sizeof(reply));
	if (n < sizeof(head))
		return RNDIS_STATUS_FAILURE;
	memcpy(&head, reply, sizeof(head));
	if (head.request != g->next_request ||
	    head.info_offset + sizeof(head.head) + head.info_length > n ||
	    head.head.length != n || head.info_length > room)
		return RNDIS_STATUS_FAILURE;
	*len = head.info_length;
	memcpy(out, reply + sizeof(head.head) + head.info_offset, *len);
	return head.status;
}

uint32_t
guest_set(struct guest *g, uint32_t oid, const void *info, size_t len)
{
	uint8_t request[MEMORY_PAGE], reply[CONTROL_REPLY_MAX];
	struct rndis_answer head;
	size_t n = request_make(g, RNDIS_SET, oid, info, len, request);

	n = guest_control(g, request, n, reply, sizeof(reply));
	if (n != sizeof(head))
		return RNDIS_STATUS_FAILURE;
	memcpy(&head, reply, sizeof(head));
	return head.request == g->next_request ? head.status :
	    RNDIS_STATUS_FAILURE;
}

static bool
buffers_give(struct guest *g)
{
	struct nvsp_message in = { .type = NVSP_RECEIVE_BUFFER }, out;

	in.buffer = (struct nvsp_buffer){ GUEST_RECEIVE_GPADL, 0xcafe, 0 };
	if (!guest_nvsp(g, &in, &out) ||
	    out.receive_buffer_answer.status != NVSP_SUCCESS)
		return false;
	in = (struct nvsp_message){ .type = NVSP_SEND_BUFFER };
	in.buffer = (struct nvsp_buffer){ GUEST_SEND_GPADL, 0, 0 };
	return guest_nvsp(g, &in, &out) &&
	    out.send_buffer_answer.status == NVSP_SUCCESS;
}

void
guest_start(struct guest *g, uint32_t version)
{
	struct nvsp_message in = { .type = NVSP_INIT }, out;
	struct rndis_initialize initialize = {
		.head = { RNDIS_INITIALIZE, sizeof(initialize) },
		.major = 1,
		.transfer_max = 0x4000,
	};
	uint32_t filter = RNDIS_FILTER_DIRECTED | RNDIS_FILTER_BROADCAST |
	    RNDIS_FILTER_ALL_MULTICAST;
	uint8_t reply[CONTROL_REPLY_MAX];
	struct guest_packet p;
	size_t n;

	in.init = (struct nvsp_init){ version, version };
	n = guest_nvsp(g, &in, &out);
	assert(n == 1 && out.init_answer.status == NVSP_SUCCESS);
	in = (struct nvsp_message){ .type = NVSP_NDIS_CONFIG };
	in.ndis_config.mtu = 1514;
	in.ndis_config.capabilities = NVSP_CAPABILITY_8021Q |
	    NVSP_CAPABILITY_RSC;
	guest_packet(g, 0, PACKET_IN_BAND, &in, sizeof(in), NULL, 0);
	guest_take(g, &p);
	assert(buffers_give(g));
	n = guest_control(g, &initialize, sizeof(initialize), reply,
	    sizeof(reply));
	assert(n == sizeof(struct rndis_initialize_answer));
	n = guest_set(g, OID_GEN_CURRENT_PACKET_FILTER, &filter,
	    sizeof(filter));
	assert(n == RNDIS_STATUS_SUCCESS);
}

uint32_t
guest_set_coalesce(struct guest *g, bool on)
{
	uint8_t info[28] = { NDIS_OBJECT_DEFAULT, 3, sizeof(info) };

	info[NDIS_PARAMETERS_RSC4] = on ? NDIS_PARAMETER_RSC_ON :
	    NDIS_PARAMETER_OFF;
	info[NDIS_PARAMETERS_RSC6] = info[NDIS_PARAMETERS_RSC4];
	return guest_set(g, OID_TCP_OFFLOAD_PARAMETERS, info, sizeof(info));
}

void
guest_complete(struct guest *g, unsigned queue, uint64_t id)
{
	struct nvsp_message m = { .type = NVSP_RNDIS_ANSWER };
	struct packet p = {
		.type = PACKET_COMPLETION,
		.transaction_id = id,
		.payload = (const uint8_t *)&m,
		.payload_size = 8,
	};

	m.answer.status = NVSP_SUCCESS;
	adapter_packet(&g->adapter, queue, &p);
}
