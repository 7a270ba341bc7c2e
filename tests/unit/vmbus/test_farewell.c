/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest hears that sent to a provider which is no more. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "vmbus/farewell.h"
#include "vmbus/packet.h"
#include "vmbus/ring.h"

#define RING_PAGES 2u
#define RING_BYTES (RING_PAGES * MEMORY_PAGE)
#define PAGES 8u

static uint8_t *ram;
static struct memory memory;
static struct gpadl *pages;
static struct ring_writer guest_out;
static struct ring_reader guest_in;

static void
set_up(void)
{
	static const struct memory_region region = { .size = PAGES *
	    MEMORY_PAGE };

	ram = calloc(PAGES, MEMORY_PAGE);
	pages = calloc(1, sizeof(*pages) + 4 * sizeof(pages->pfns[0]));
	cr_assert(ram != NULL && pages != NULL);
	cr_assert(memory_set(&memory, ram, region.size, &region, 1));
	pages->page_count = 2 * RING_PAGES;
	/* The rings are apart, each in one piece. */
	pages->pfns[0] = 1;
	pages->pfns[1] = 2;
	pages->pfns[2] = 5;
	pages->pfns[3] = 6;
	cr_assert(ring_writer_attach(&guest_out, ram + MEMORY_PAGE,
	    RING_BYTES));
	cr_assert(ring_reader_attach(&guest_in, ram + 5 * MEMORY_PAGE,
	    RING_BYTES));
}

static void
tear_down(void)
{
	free(ram);
	free(pages);
}

TestSuite(farewell, .init = set_up, .fini = tear_down);

static void
guest_send(enum packet_type type, uint64_t id, bool wants_completion)
{
	struct iovec payload = { "question", 8 };
	struct packet_out out = {
		.type = type,
		.wants_completion = wants_completion,
		.transaction_id = id,
		.payload = &payload,
		.payload_count = 1,
	};
	struct packet_image image;
	bool signal = false;

	cr_assert(packet_build(&out, &image));
	cr_assert_eq(ring_writer_push(&guest_out, image.pieces, image.count,
	    &signal), RING_OK);
}

static bool
say(void)
{
	return farewell_say(&memory, pages, RING_PAGES, "farewell", 8);
}

static void
expect_answer(uint64_t id)
{
	uint8_t bytes[256] __attribute__((aligned(8)));
	struct iovec pieces[32];
	struct packet p;
	size_t len;

	cr_assert_eq(ring_reader_pop(&guest_in, bytes, sizeof(bytes), &len),
	    RING_OK);
	cr_assert(packet_parse(bytes, len, &memory, pieces, 32, &p));
	cr_expect_eq(p.type, PACKET_COMPLETION);
	cr_expect_eq(p.transaction_id, id);
	cr_expect_arr_eq(p.payload, "farewell", 8);
}

static void
expect_no_answer(void)
{
	uint8_t bytes[256];
	size_t len;

	cr_expect_eq(ring_reader_pop(&guest_in, bytes, sizeof(bytes), &len),
	    RING_EMPTY);
}

Test(farewell, each_question_is_answered_once)
{
	guest_send(PACKET_IN_BAND, 7, true);
	guest_send(PACKET_IN_BAND, 8, false);
	guest_send(PACKET_COMPLETION, 9, false);
	guest_send(PACKET_IN_BAND, 10, true);
	cr_expect(say());
	expect_answer(7);
	expect_answer(10);
	expect_no_answer();
	cr_expect(say(), "of earlier answers it may not have heard");
	expect_no_answer();
}

Test(farewell, what_was_answered_before_is_not)
{
	struct ring_reader provider;
	uint8_t bytes[256];
	size_t len;

	guest_send(PACKET_IN_BAND, 7, true);
	guest_send(PACKET_IN_BAND, 8, true);
	cr_assert(ring_reader_attach(&provider, ram + MEMORY_PAGE,
	    RING_BYTES));
	cr_assert_eq(ring_reader_pop(&provider, bytes, sizeof(bytes), &len),
	    RING_OK);
	ring_reader_publish(&provider);
	say();
	expect_answer(8);
	expect_no_answer();
}

Test(farewell, room_in_the_ring_is_all_there_is)
{
	for (unsigned i = 0; i < 100; i++)
		guest_send(PACKET_IN_BAND, i, true);
	say();
	for (unsigned i = 0; i < 100; i++)
		expect_answer(i);
	/* 32 bytes each of 4096, and the guest has not given these back. */
	for (unsigned i = 0; i < 100; i++)
		guest_send(PACKET_IN_BAND, i, true);
	say();
	for (unsigned i = 0; i < 27; i++)
		expect_answer(i);
	expect_no_answer();
}

Test(farewell, rings_in_pieces_are_left_alone)
{
	guest_send(PACKET_IN_BAND, 7, true);
	pages->pfns[1] = 3;
	cr_expect_not(say());
	pages->pfns[1] = 2;
	pages->pfns[3] = PAGES;
	cr_expect_not(say());
	pages->pfns[3] = 6;
	cr_expect_not(farewell_say(&memory, pages, 0, "", 0));
	cr_expect_not(farewell_say(&memory, pages, 4, "", 0));
	expect_no_answer();
	cr_expect(say());
}

/*
 * A guest that sends as fast as its ring is read: each time the reader comes to
 * the other page of data, that page traps, and the ring is full once more.
 */
#define TURN_PAGES	3u	/* a header and two of data */
#define TURN_BYTES	(2 * MEMORY_PAGE)
#define TURN_PACKET	32u

static uint8_t *turning;
static unsigned turns;

static void
on_turn(int number, siginfo_t *info, void *context)
{
	uint8_t *page = (uint8_t *)((uintptr_t)info->si_addr &
	    ~(uintptr_t)(MEMORY_PAGE - 1));
	uint32_t at = (uint32_t)(page - turning - MEMORY_PAGE);
	struct ring_header *h = (void *)turning;

	(void)number;
	(void)context;
	mprotect(turning, TURN_PAGES * MEMORY_PAGE, PROT_READ | PROT_WRITE);
	if (++turns > 100)
		return;
	mprotect(turning + MEMORY_PAGE + (at ^ MEMORY_PAGE), MEMORY_PAGE,
	    PROT_NONE);
	h->write_index = (at + TURN_BYTES - TURN_PACKET) % TURN_BYTES;
}

Test(farewell, a_guest_that_sends_on_is_not_heard_out)
{
	static const struct memory_region region = {
		.size = 2 * TURN_PAGES * MEMORY_PAGE };
	static const struct packet_descriptor packet = {
		.type = PACKET_IN_BAND, .offset8 = 2, .length8 = 3 };
	const struct sigaction action = { .sa_sigaction = on_turn,
		.sa_flags = SA_SIGINFO };
	struct gpadl *g = calloc(1, sizeof(*g) + 2 * TURN_PAGES *
	    sizeof(g->pfns[0]));

	turning = mmap(NULL, region.size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert(g != NULL && turning != MAP_FAILED);
	cr_assert(memory_set(&memory, turning, region.size, &region, 1));
	g->page_count = 2 * TURN_PAGES;
	for (uint32_t i = 0; i < g->page_count; i++)
		g->pfns[i] = i;
	for (uint32_t i = 0; i < TURN_BYTES; i += TURN_PACKET)
		memcpy(turning + MEMORY_PAGE + i, &packet, sizeof(packet));
	((struct ring_header *)turning)->write_index = TURN_PACKET;
	cr_assert_eq(sigaction(SIGSEGV, &action, NULL), 0);
	mprotect(turning + MEMORY_PAGE, TURN_BYTES, PROT_NONE);
	cr_expect(farewell_say(&memory, g, TURN_PAGES, "farewell", 8));
	cr_expect(turns > 0 && turns < 10, "%u turns", turns);
	munmap(turning, region.size);
	free(g);
}
