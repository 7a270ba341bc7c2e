/* SPDX-License-Identifier: Apache-2.0 */
/* The guest of the tests. */
#include "guest.h"

#include <criterion/criterion.h>
#include <string.h>

struct guest guest;

static uint8_t bytes[GUEST_PAGES * MEMORY_PAGE];

static void
inbox_add(const void *message, size_t len)
{
	cr_assert_lt(guest.count, GUEST_INBOX);
	memset(&guest.inbox[guest.count], 0, sizeof(guest.inbox[0]));
	memcpy(&guest.inbox[guest.count++], message, len);
}

static enum server_posted
post(void *ctx, uint32_t vp, uint8_t sint, const void *message, size_t len)
{
	(void)ctx;
	if (guest.slow && guest.slot_full)
		return SERVER_BUSY;
	guest.vp = vp;
	guest.sint = sint;
	if (guest.slow) {
		guest.slot_full = true;
		memset(&guest.slot, 0, sizeof(guest.slot));
		memcpy(&guest.slot, message, len);
	} else {
		inbox_add(message, len);
	}
	return SERVER_POSTED;
}

static void
signal_guest(void *ctx, uint32_t vp, uint8_t sint, uint16_t relid)
{
	(void)ctx;
	(void)sint;
	guest.signals++;
	guest.signal_vp = vp;
	guest.signal_relid = relid;
}

static void
contact(void *ctx, uint32_t version)
{
	(void)ctx;
	guest.contacts++;
	guest.contact_version = version;
}

static void
quiet(void *ctx)
{
	(void)ctx;
	guest.quiets++;
}

static void
connect_request(void *ctx, const struct guid *endpoint,
    const struct guid *service)
{
	(void)ctx;
	(void)endpoint;
	guest.connects++;
	guest.service = *service;
}

static const struct server_ops ops = {
	.post = post,
	.signal = signal_guest,
	.contact = contact,
	.quiet = quiet,
	.connect_request = connect_request,
};

void
guest_create(void)
{
	static const struct memory_region region = { 0, sizeof(bytes), 0 };

	memset(&guest, 0, sizeof(guest));
	cr_assert(memory_set(&guest.memory, bytes, sizeof(bytes), &region, 1));
	guest.now = 1;
	guest.server = server_create(&ops, NULL, &guest.memory, GUEST_VPS);
	cr_assert_not_null(guest.server);
}

void
guest_destroy(void)
{
	server_destroy(guest.server);
}

bool
guest_take(void)
{
	if (!guest.slot_full)
		return false;
	inbox_add(&guest.slot, sizeof(guest.slot));
	guest.slot_full = false;
	server_deliverable(guest.server, guest.vp, guest.sint);
	return true;
}

const union guest_message *
guest_next(enum message_type type)
{
	const union guest_message *m = &guest.inbox[guest.seen];

	cr_assert_lt(guest.seen, guest.count, "message %d is missing", type);
	guest.seen++;
	cr_assert_eq(m->header.type, type, "message %u, not %d",
	    m->header.type, type);
	return m;
}

bool
guest_idle(void)
{
	return guest.seen == guest.count;
}

enum hv_status
guest_post(const void *message, size_t len)
{
	/* Slowly enough for any limit of rate. */
	guest.now += 1000000;
	return server_message(guest.server, MESSAGE_CONNECTION_NEW, message,
	    len, guest.now);
}

enum hv_status
guest_post_type(enum message_type type)
{
	struct message_header m = { .type = (uint32_t)type };

	return guest_post(&m, sizeof(m));
}

enum hv_status
guest_post_relid(enum message_type type, uint32_t relid)
{
	struct message_relid m = { .header.type = (uint32_t)type,
		.relid = relid };

	return guest_post(&m, sizeof(m));
}

enum hv_status
guest_contact(uint32_t version)
{
	struct message_initiate_contact m = {
		.header.type = MESSAGE_INITIATE_CONTACT,
		.version = version,
		.interrupt_page = version >= MESSAGE_VERSION_5_0 ? 2 : 0x1000,
	};

	return guest_post(&m, sizeof(m));
}

unsigned
guest_connect(void)
{
	unsigned offers = 0;

	cr_assert_eq(guest_contact(MESSAGE_VERSION_5_3), HV_SUCCESS);
	cr_assert_eq(guest_next(MESSAGE_VERSION_RESPONSE)->version.supported,
	    1);
	cr_assert_eq(guest_post_type(MESSAGE_REQUEST_OFFERS), HV_SUCCESS);
	while (guest.inbox[guest.seen].header.type == MESSAGE_OFFER) {
		guest_next(MESSAGE_OFFER);
		offers++;
	}
	guest_next(MESSAGE_ALL_OFFERS);
	return offers;
}

/* Append up to @most of @left page numbers; returns how many. */
static uint32_t
pages_put(uint8_t *to, uint32_t most, uint32_t left, uint64_t first)
{
	uint32_t count = left < most ? left : most;

	for (uint32_t i = 0; i < count; i++)
		memcpy(to + i * 8, &(uint64_t){ first + i }, 8);
	return count;
}

void
guest_gpadl(uint32_t relid, uint32_t handle, uint32_t pages)
{
	struct message_gpadl_header h = {
		.header.type = MESSAGE_GPADL_HEADER, .relid = relid,
		.gpadl = handle, .range_bytes = (uint16_t)(8 + pages * 8),
		.range_count = 1, .byte_count = pages * MEMORY_PAGE,
	};
	struct message_gpadl_body b = {
		.header.type = MESSAGE_GPADL_BODY, .gpadl = handle,
	};
	uint8_t m[MESSAGE_BYTES_MAX];
	uint32_t told;

	memcpy(m, &h, sizeof(h));
	told = pages_put(m + sizeof(h), 26, pages, 1);
	cr_assert_eq(guest_post(m, sizeof(h) + told * 8), HV_SUCCESS);
	while (told < pages) {
		uint32_t more = pages_put(m + sizeof(b), 28, pages - told,
		    told + 1);

		memcpy(m, &b, sizeof(b));
		cr_assert_eq(guest_post(m, sizeof(b) + more * 8), HV_SUCCESS);
		told += more;
	}
}

enum hv_status
guest_teardown(uint32_t relid, uint32_t handle)
{
	struct message_gpadl_teardown m = {
		.header.type = MESSAGE_GPADL_TEARDOWN,
		.relid = relid, .gpadl = handle,
	};

	return guest_post(&m, sizeof(m));
}

enum hv_status
guest_open(uint32_t relid, uint32_t handle, uint32_t vp)
{
	struct message_open m = {
		.header.type = MESSAGE_OPEN,
		.relid = relid, .open_id = relid + 7, .ring_gpadl = handle,
		.target_vp = vp, .downstream_page = GUEST_RING_PAGES / 2,
		.user_data = "user data",
	};

	return guest_post(&m, sizeof(m));
}

void
guest_open_channel(uint32_t relid, uint32_t handle)
{
	guest_gpadl(relid, handle, GUEST_RING_PAGES);
	cr_assert_eq(guest_next(MESSAGE_GPADL_CREATED)->created.status, 0);
	cr_assert_eq(guest_open(relid, handle, 0), HV_SUCCESS);
	cr_assert_eq(guest_next(MESSAGE_OPEN_RESULT)->open_result.status, 0);
}
