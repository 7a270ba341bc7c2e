/* SPDX-License-Identifier: Apache-2.0 */
/* Answering RNDIS control messages. */
#include "network/control.h"

#include <string.h>

#include "network/oid.h"
#include "network/rndis_wire.h"

#define DEVICE_CONNECTIONLESS	1u
#define PACKETS_MAX		8u	/* in one message of the guest */
#define TRANSFER_MAX		UINT32_C(0xefffffff)
#define ALIGNMENT_SHIFT		3u

struct request {
	size_t len;
	uint8_t bytes[CONTROL_REQUEST_MAX];
};

/* The first four bytes behind the head: the request's number. */
static uint32_t
request_number(const struct request *r)
{
	uint32_t number;

	memcpy(&number, r->bytes + sizeof(struct rndis_head), sizeof(number));
	return number;
}

static void
answer_status(struct adapter *a, uint32_t type, uint32_t number,
    uint32_t status)
{
	struct rndis_answer m = {
		.head = { type | RNDIS_ANSWER, sizeof(m) },
		.request = number,
		.status = status,
	};

	if (!adapter_control(a, &m, sizeof(m)))
		a->queues[0].stats.bad_messages++;
}

static void
initialize_handle(struct adapter *a, const struct request *r)
{
	struct rndis_initialize_answer m = {
		.head = { RNDIS_INITIALIZE | RNDIS_ANSWER, sizeof(m) },
		.request = request_number(r),
		.status = RNDIS_STATUS_SUCCESS,
		.major = 1,
		.device_flags = DEVICE_CONNECTIONLESS,
		.packets_max = PACKETS_MAX,
		.transfer_max = TRANSFER_MAX,
		.alignment_shift = ALIGNMENT_SHIFT,
	};

	/* A guest that does not ask takes the link to be up. */
	a->link_told = true;
	a->initialized = adapter_control(a, &m, sizeof(m));
}

static void
halt(struct adapter *a)
{
	a->initialized = false;
	a->filter = 0;
	a->rss.on = false;
	adapter_set_coalesce(a, false);
}

/* The information of a query or a set, which may be none. */
static const uint8_t *
request_info(const struct request *r, const struct rndis_request *m,
    size_t *len)
{
	size_t room = r->len - sizeof(m->head);

	*len = m->info_length;
	if (m->info_length == 0)
		return r->bytes;
	if (m->info_offset > room || m->info_length > room - m->info_offset)
		return NULL;
	return r->bytes + sizeof(m->head) + m->info_offset;
}

static void
query_handle(struct adapter *a, const struct request *r,
    const struct rndis_request *m)
{
	uint8_t out[CONTROL_ANSWER_MAX];
	struct rndis_query_answer head = {
		.head = { RNDIS_QUERY | RNDIS_ANSWER, sizeof(head) },
		.request = m->request,
		.info_offset = sizeof(head) - sizeof(head.head),
	};
	size_t want, len = 0;
	const uint8_t *info = request_info(r, m, &want);

	if (info == NULL)
		head.status = RNDIS_STATUS_INVALID_LENGTH;
	else
		head.status = oid_query(a, m->oid, want, out + sizeof(head),
		    sizeof(out) - sizeof(head), &len);
	head.info_length = (uint32_t)len;
	head.head.length += (uint32_t)len;
	memcpy(out, &head, sizeof(head));
	if (!adapter_control(a, out, sizeof(head) + len))
		a->queues[0].stats.bad_messages++;
}

static void
request_handle(struct adapter *a, const struct request *r, uint32_t type)
{
	struct rndis_request m;
	const uint8_t *info;
	uint32_t status;
	size_t len;

	if (r->len < sizeof(m)) {
		answer_status(a, type, request_number(r),
		    RNDIS_STATUS_INVALID_LENGTH);
		return;
	}
	memcpy(&m, r->bytes, sizeof(m));
	if (type == RNDIS_QUERY) {
		query_handle(a, r, &m);
		return;
	}
	info = request_info(r, &m, &len);
	status = info == NULL ? RNDIS_STATUS_INVALID_LENGTH :
	    oid_set(a, m.oid, info, len);
	answer_status(a, RNDIS_SET, m.request, status);
}

/* Copied once: the guest may change it while we look. */
static bool
request_read(struct request *r, struct stream *s)
{
	struct rndis_head head;

	if (!stream_read(s, r->bytes, sizeof(head)))
		return false;
	memcpy(&head, r->bytes, sizeof(head));
	if (head.length < sizeof(head) + 4 || head.length > sizeof(r->bytes))
		return false;
	r->len = head.length;
	return stream_read(s, r->bytes + sizeof(head),
	    r->len - sizeof(head));
}

void
control_handle(struct adapter *a, struct stream *s)
{
	struct rndis_head head;
	struct request r;

	if (!request_read(&r, s)) {
		a->queues[0].stats.bad_messages++;
		return;
	}
	memcpy(&head, r.bytes, sizeof(head));
	switch (head.type) {
	case RNDIS_INITIALIZE:
		initialize_handle(a, &r);
		break;
	case RNDIS_HALT:
		halt(a);
		break;
	case RNDIS_QUERY:
	case RNDIS_SET:
		request_handle(a, &r, head.type);
		break;
	case RNDIS_RESET:
		/* Its answer: status, then whether addresses were lost. */
		answer_status(a, RNDIS_RESET, RNDIS_STATUS_SUCCESS, 0);
		break;
	case RNDIS_KEEPALIVE:
		answer_status(a, RNDIS_KEEPALIVE, request_number(&r),
		    RNDIS_STATUS_SUCCESS);
		break;
	default:
		a->queues[0].stats.bad_messages++;
		break;
	}
}
