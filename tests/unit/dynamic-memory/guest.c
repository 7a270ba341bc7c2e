/* SPDX-License-Identifier: Apache-2.0 */
/* Pages that are used must never be on the ledger. */
#include "guest.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

struct guest guest;

static void
pages_own(uint64_t first, uint64_t count, bool own)
{
	cr_assert_leq(first + count, GUEST_PAGES_MAX);
	for (uint64_t i = first; i < first + count; i++) {
		cr_assert_neq(guest.uses[i], own, "page %#llx twice",
		    (unsigned long long)i);
		guest.uses[i] = own;
	}
	guest.used = own ? guest.used + count : guest.used - count;
}

void
guest_begin(void)
{
	struct err e;

	memset(&guest, 0, sizeof(guest));
	guest.ranges_at_once = 8;
	guest.room = memmap_with_room(GUEST_START * BALLOON_PAGE,
	    GUEST_MAX * BALLOON_PAGE);
	cr_assert_eq(balloon_init(&guest.ledger, GUEST_START * BALLOON_PAGE,
	    &guest.room, &e), 0);
	dm_init(&guest.dm, 16 * MIB_PAGES, GUEST_MAX);
	pages_own(0, GUEST_START, true);
	all_answer();
}

void
guest_reset(void)
{
	dm_close(&guest.dm);
	while (worker_answers())
		continue;
	memset(guest.uses, 0, sizeof(guest.uses));
	guest.used = 0;
	guest.size = 0;
	pages_own(0, GUEST_START, true);
	balloon_forget(&guest.ledger);
	dm_forget(&guest.dm);
	all_answer();
}

/* What the channel would do: a message only when it is taken. */
void
guest_send(const void *message, size_t size)
{
	struct err e;

	cr_assert(dm_takes(&guest.dm));
	cr_assert_eq(dm_receive(&guest.dm, message, size, guest.now, &e), 0,
	    "%s", e.text);
}

void
guest_connect(void)
{
	const struct dm_wire_version version = {
		.head = { DM_WIRE_VERSION_REQUEST, sizeof(version), 1 },
		.version = DM_WIRE_VERSION, .is_last = 1,
	};
	const struct dm_wire_capabilities can = {
		.head = { DM_WIRE_CAPABILITIES, sizeof(can), 2 },
		.can = DM_WIRE_CAN_BALLOON | DM_WIRE_CAN_ADD |
		    7 << DM_WIRE_ALIGN_SHIFT,
		.page_max = UINT64_MAX,
	};

	dm_open(&guest.dm);
	all_answer();
	guest_send(&version, sizeof(version));
	all_answer();
	guest_send(&can, sizeof(can));
	all_answer();
	cr_assert_eq(guest.dm.state, DM_READY);
}

bool
worker_answers(void)
{
	static struct {
		struct provider_memory_answer a;
		struct provider_memory_range
		    ranges[PROVIDER_MEMORY_RANGES_MAX];
	} m;
	const struct provider_memory_request *r = dm_request(&guest.dm);
	struct balloon *b = &guest.ledger;
	int ret = 0;
	struct err e = { .code = 0 };

	if (r == NULL)
		return false;
	if (r->op != PROVIDER_MEMORY_TELL && r->epoch != b->epoch) {
		ret = err_set(&e, ESTALE, "stale");
	} else if (r->op == PROVIDER_MEMORY_GIVEN_UP) {
		for (uint32_t i = 0; i < r->range_count; i++)
			for (uint64_t p = 0; p < r->ranges[i].pages; p++)
				cr_assert_not(
				    guest.uses[r->ranges[i].pfn + p]);
		ret = balloon_give_up(b, r->ranges, r->range_count, &e);
	} else if (r->op == PROVIDER_MEMORY_TAKE) {
		ret = (int)balloon_take(b, r->pages, m.ranges,
		    PROVIDER_MEMORY_RANGES_MAX);
	} else if (r->op == PROVIDER_MEMORY_ADD) {
		ret = balloon_add(b, r->pages, r->align, m.ranges, &e) < 0 ?
		    -1 : 1;
	} else if (r->op == PROVIDER_MEMORY_DROP) {
		ret = balloon_drop(b, r->pages, &e);
	}
	m.a = (struct provider_memory_answer){
		.op = r->op, .epoch = b->epoch,
		.status = ret < 0 ? (uint32_t)e.code : 0,
		.present = balloon_present(b), .given_up = b->given_up_pages,
		.range_count = ret < 0 ? 0 : (uint32_t)ret,
	};
	dm_answer(&guest.dm, &m.a, guest.now);
	return true;
}

/* Up to @pages from the top down, which is no order that we count on. */
static uint32_t
give_up(uint64_t pages, uint64_t *ranges)
{
	uint32_t n = 0;

	for (uint64_t i = GUEST_PAGES_MAX; i-- > 0 &&
	    n < guest.ranges_at_once && pages > 0 &&
	    guest.used > guest.floor;) {
		if (!guest.uses[i])
			continue;
		pages_own(i, 1, false);
		ranges[n++] = i | UINT64_C(1) << DM_WIRE_PFN_BITS;
		pages--;
	}
	return n;
}

static void
balloon_answer(uint64_t pages)
{
	struct {
		struct dm_wire_balloon_response m;
		uint64_t ranges[PROVIDER_MEMORY_RANGES_MAX];
	} r;
	uint32_t n, more;

	do {
		n = give_up(pages, r.ranges);
		pages -= n;
		more = n != 0 && pages != 0;
		r.m = (struct dm_wire_balloon_response){
			.head = { DM_WIRE_BALLOON_RESPONSE,
			    (uint16_t)(sizeof(r.m) + n * sizeof(r.ranges[0])),
			    7 },
			.more_and_count = n << 1 | more,
		};
		guest_send(&r, r.m.head.size);
		while (worker_answers())
			continue;
	} while (more);
}

static void
unballoon_answer(void)
{
	const struct dm_wire_head r = { DM_WIRE_UNBALLOON_RESPONSE,
		sizeof(r), 8 };
	struct dm_wire_unballoon m;

	memcpy(&m, guest.message, sizeof(m));
	for (uint32_t i = 0; i < m.range_count; i++) {
		uint64_t range;

		memcpy(&range, guest.message + sizeof(m) + i * sizeof(range),
		    sizeof(range));
		pages_own(range & ((UINT64_C(1) << DM_WIRE_PFN_BITS) - 1),
		    range >> DM_WIRE_PFN_BITS, true);
	}
	guest_send(&r, sizeof(r));
}

static void
add_answer(void)
{
	struct dm_wire_add_response r = {
		.head = { DM_WIRE_ADD_RESPONSE, sizeof(r), 9 },
	};
	struct dm_wire_add m;

	memcpy(&m, guest.message, sizeof(m));
	if (!guest.refuses_to_add) {
		r.pages = (uint32_t)(m.range >> DM_WIRE_PFN_BITS);
		r.result = 1;
		pages_own(m.range & ((UINT64_C(1) << DM_WIRE_PFN_BITS) - 1),
		    r.pages, true);
	}
	guest_send(&r, sizeof(r));
}

bool
guest_answers(void)
{
	const uint8_t *packet = dm_unsent(&guest.dm, &guest.size);
	struct dm_wire_balloon m;

	if (packet == NULL)
		return false;
	cr_assert_leq(guest.size, sizeof(guest.message));
	memcpy(guest.message, packet, guest.size);
	dm_sent(&guest.dm, guest.now);
	memcpy(&m, guest.message, sizeof(m));
	cr_assert_eq(m.head.size, guest.size);
	if (m.head.type == DM_WIRE_BALLOON)
		balloon_answer(m.pages);
	else if (m.head.type == DM_WIRE_UNBALLOON)
		unballoon_answer();
	else if (m.head.type == DM_WIRE_ADD)
		add_answer();
	return true;
}

void
all_answer(void)
{
	while (worker_answers() || guest_answers())
		continue;
}

void
guest_check(void)
{
	const struct balloon *b = &guest.ledger;

	cr_assert_eq(guest.dm.present, balloon_present(b));
	cr_assert_eq(guest.dm.given_up, b->given_up_pages);
	cr_assert_eq(dm_assigned(&guest.dm), guest.used);
}
