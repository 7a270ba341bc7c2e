/* SPDX-License-Identifier: Apache-2.0 */
/* Page lists, told well and badly. */
#include <criterion/criterion.h>

#include "vmbus/gpadl.h"
#include "vmbus/message.h"

#define PAGES 64u
#define HANDLE 0xe1e10u

static uint8_t pages[PAGES * MEMORY_PAGE];
static struct memory memory;
static struct gpadl_table table;

struct told {
	uint8_t bytes[MESSAGE_BYTES_MAX];
	size_t len;
};

static void
setup(void)
{
	static const struct memory_region region = { 0, sizeof(pages), 0 };

	cr_assert(memory_set(&memory, pages, sizeof(pages), &region, 1));
	memset(&table, 0, sizeof(table));
}

static void
teardown(void)
{
	gpadl_free_all(&table);
	cr_expect_eq(table.count, 0);
	cr_expect_eq(table.total_pages, 0);
}

TestSuite(gpadl, .init = setup, .fini = teardown);

static void
told_pages(struct told *t, unsigned count, uint64_t first)
{
	for (unsigned i = 0; i < count; i++, t->len += 8)
		memcpy(t->bytes + t->len, &(uint64_t){ first + i }, 8);
}

static struct told
header(uint32_t byte_count, uint32_t byte_offset, uint16_t range_bytes,
    unsigned count)
{
	struct message_gpadl_header h = {
		.header.type = MESSAGE_GPADL_HEADER, .relid = 3,
		.gpadl = HANDLE, .range_bytes = range_bytes,
		.range_count = 1, .byte_count = byte_count,
		.byte_offset = byte_offset,
	};
	struct told t = { .len = sizeof(h) };

	memcpy(t.bytes, &h, sizeof(h));
	told_pages(&t, count, 1);
	return t;
}

static struct told
body(unsigned count, uint64_t first)
{
	struct message_gpadl_body b = {
		.header.type = MESSAGE_GPADL_BODY, .gpadl = HANDLE,
	};
	struct told t = { .len = sizeof(b) };

	memcpy(t.bytes, &b, sizeof(b));
	told_pages(&t, count, first);
	return t;
}

static enum gpadl_result
begin(const struct told *t, struct gpadl **g)
{
	return gpadl_begin(&table, t->bytes, t->len, &memory, g);
}

static enum gpadl_result
go_on(const struct told *t, struct gpadl **g)
{
	return gpadl_continue(&table, t->bytes, t->len, &memory, g);
}

Test(gpadl, of_few_pages_is_complete_at_once)
{
	struct told t = header(8 * MEMORY_PAGE, 0, 72, 8);
	struct gpadl *g;

	cr_assert_eq(begin(&t, &g), GPADL_COMPLETE);
	cr_expect_eq(g->handle, HANDLE);
	cr_expect_eq(g->relid, 3);
	cr_expect_eq(g->page_count, 8);
	cr_expect_eq(g->pfns[7], 8);
	cr_expect_eq(gpadl_find(&table, HANDLE), g);
}

Test(gpadl, of_many_pages_takes_bodies)
{
	struct told first = header(60 * MEMORY_PAGE, 0, 488, 26);
	struct told second = body(28, 27), third = body(6, 55);
	struct gpadl *g;

	cr_expect_eq(begin(&first, &g), GPADL_MORE);
	cr_expect_eq(go_on(&second, &g), GPADL_MORE);
	cr_assert_eq(go_on(&third, &g), GPADL_COMPLETE);
	for (unsigned i = 0; i < 60; i++)
		cr_expect_eq(g->pfns[i], i + 1);
}

Test(gpadl, counts_the_offset_when_it_counts_pages)
{
	struct told two = header(MEMORY_PAGE, 1, 24, 2);
	struct gpadl *g;

	cr_assert_eq(begin(&two, &g), GPADL_COMPLETE);
	cr_expect_eq(g->page_count, 2);
}

Test(gpadl, refuses_headers_that_contradict_themselves)
{
	static const struct {
		uint32_t count, offset;
		uint16_t range;
		unsigned pages;
	} wrong[] = {
		{ 0, 0, 8, 0 },
		{ MEMORY_PAGE, MEMORY_PAGE, 24, 2 },
		{ MEMORY_PAGE, 0, 24, 1 },
		{ MEMORY_PAGE, 1, 16, 1 },
		{ MEMORY_PAGE, 0, 16, 2 },
		{ UINT32_MAX, 4095, 16, 1 },
		{ 8193 * MEMORY_PAGE, 0, 8, 1 },
	};
	struct gpadl *g;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct told t = header(wrong[i].count, wrong[i].offset,
		    wrong[i].range, wrong[i].pages);

		cr_expect_eq(begin(&t, &g), GPADL_REFUSED, "header %zu", i);
		cr_expect_null(g);
	}
	cr_expect_eq(table.count, 0);
}

Test(gpadl, refuses_two_ranges)
{
	struct told t = header(MEMORY_PAGE, 0, 16, 1);
	struct gpadl *g;

	t.bytes[offsetof(struct message_gpadl_header, range_count)] = 2;
	cr_expect_eq(begin(&t, &g), GPADL_REFUSED);
}

Test(gpadl, refuses_pages_that_are_not_memory)
{
	struct told first = header(28 * MEMORY_PAGE, 0, 232, 26);
	struct told bad = body(2, PAGES);
	struct gpadl *g;

	cr_expect_eq(begin(&first, &g), GPADL_MORE);
	cr_expect_eq(go_on(&bad, &g), GPADL_REFUSED);
	cr_assert_not_null(g);
	gpadl_free(&table, g);
	cr_expect_null(gpadl_find(&table, HANDLE));
}

Test(gpadl, refuses_more_pages_than_were_told)
{
	struct told first = header(28 * MEMORY_PAGE, 0, 232, 26);
	struct told much = body(3, 27);
	struct gpadl *g;

	cr_expect_eq(begin(&first, &g), GPADL_MORE);
	cr_expect_eq(go_on(&much, &g), GPADL_REFUSED);
}

Test(gpadl, refuses_a_handle_in_use_and_keeps_the_first)
{
	struct told t = header(MEMORY_PAGE, 0, 16, 1);
	struct gpadl *first, *second;

	cr_assert_eq(begin(&t, &first), GPADL_COMPLETE);
	cr_expect_eq(begin(&t, &second), GPADL_REFUSED);
	cr_expect_null(second);
	cr_expect_eq(gpadl_find(&table, HANDLE), first);
}

Test(gpadl, ignores_bodies_nobody_waits_for)
{
	struct told t = header(MEMORY_PAGE, 0, 16, 1), late = body(1, 1);
	struct gpadl *g;

	cr_expect_eq(go_on(&late, &g), GPADL_IGNORED);
	cr_assert_eq(begin(&t, &g), GPADL_COMPLETE);
	g->state = GPADL_READY;
	cr_expect_eq(go_on(&late, &g), GPADL_IGNORED);
	cr_expect_null(g);
}

Test(gpadl, ignores_messages_that_are_cut)
{
	struct told t = header(MEMORY_PAGE, 0, 16, 0), b = body(0, 0);
	struct gpadl *g;

	t.len = sizeof(struct message_gpadl_header) - 1;
	b.len = sizeof(struct message_gpadl_body) - 1;
	cr_expect_eq(begin(&t, &g), GPADL_IGNORED);
	cr_expect_eq(go_on(&b, &g), GPADL_IGNORED);
}

Test(gpadl, has_a_limit_for_all_pages_together)
{
	struct told t = header(GPADL_PAGES_MAX * MEMORY_PAGE, 0,
	    8 + GPADL_PAGES_MAX * 8, 1);
	enum gpadl_result result = GPADL_MORE;
	uint32_t begun = 0;
	struct gpadl *g;

	while (result == GPADL_MORE) {
		uint32_t handle = ++begun;

		memcpy(t.bytes + offsetof(struct message_gpadl_header, gpadl),
		    &handle, sizeof(handle));
		result = begin(&t, &g);
	}
	cr_expect_eq(result, GPADL_REFUSED);
	cr_expect_eq(begun - 1, GPADL_TOTAL_PAGES_MAX / GPADL_PAGES_MAX);
}

Test(gpadl, tells_pieces_from_any_offset)
{
	struct told t = header(3 * MEMORY_PAGE, 100, 8 + 4 * 8, 4);
	struct iovec iov[2];
	struct gpadl *g;

	cr_assert_eq(begin(&t, &g), GPADL_COMPLETE);
	cr_assert_eq(gpadl_pieces(g, &memory, 5000, 10, iov, 2), 1);
	cr_expect_eq(iov[0].iov_base, pages + MEMORY_PAGE + 5100);
	cr_expect_eq(gpadl_pieces(g, &memory, 3 * MEMORY_PAGE, 0, iov, 2), 0);
	cr_expect_eq(gpadl_pieces(g, &memory, 3 * MEMORY_PAGE - 1, 2, iov, 2),
	    -1);
	cr_expect_eq(gpadl_pieces(g, &memory, UINT64_MAX, 2, iov, 2), -1);
}

Test(gpadl, walks_over_every_one_once)
{
	static const uint32_t handles[] = { 1, 257, 2, 0x1001, 255 };
	uint32_t sum = 0;

	for (size_t i = 0; i < 5; i++) {
		struct told t = header(MEMORY_PAGE, 0, 16, 1);
		struct gpadl *g;

		memcpy(t.bytes + offsetof(struct message_gpadl_header, gpadl),
		    &handles[i], sizeof(handles[i]));
		cr_assert_eq(begin(&t, &g), GPADL_COMPLETE);
	}
	for (struct gpadl *g = NULL; (g = gpadl_next(&table, g)) != NULL;)
		sum += g->handle;
	cr_expect_eq(sum, 1 + 257 + 2 + 0x1001 + 255);
}
