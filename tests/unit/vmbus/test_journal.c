/* SPDX-License-Identifier: Apache-2.0 */
/* A lasting channel whose provider is killed, after any of its instructions. */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <ucontext.h>

#include "vmbus/channel.h"
#include "vmbus/journal.h"

#define RING_BYTES	(2 * RING_PAGE)
#define PACKET_MAX	64u
#define SLOTS		4u
#define REQUESTS	6u
#define JOURNAL_ROOM	1024u
#define STATES_MAX	4096u
#define TRAP_FLAG	0x100

/* All that outlives a provider. */
struct remains {
	_Alignas(RING_PAGE) uint8_t in[RING_BYTES];
	uint8_t out[RING_BYTES];
	_Alignas(64) uint8_t journal[JOURNAL_ROOM];
};

static struct remains now;
static uint8_t page[MEMORY_PAGE];
static struct memory memory;
static struct ring_writer guest_out;
static struct ring_reader guest_in;
static int bell;

static void
setup(void)
{
	static const struct memory_region region = { 0, sizeof(page), 0 };

	cr_assert_leq(journal_bytes(SLOTS, PACKET_MAX), JOURNAL_ROOM);
	cr_assert(memory_set(&memory, page, sizeof(page), &region, 1));
	bell = eventfd(0, EFD_NONBLOCK);
	memset(&now, 0, sizeof(now));
	cr_assert(ring_writer_attach(&guest_out, now.in, RING_BYTES));
	cr_assert(ring_reader_attach(&guest_in, now.out, RING_BYTES));
}

TestSuite(journal, .init = setup, .timeout = 300);

static void
guest_asks(uint64_t id)
{
	uint64_t packet[4] = { UINT64_C(0x0001000400020006), id, ~id, id };
	struct iovec iov = { .iov_base = packet, .iov_len = sizeof(packet) };
	bool signal;

	cr_assert_eq(ring_writer_push(&guest_out, &iov, 1, &signal), RING_OK);
}

/* The transaction of the next answer, or 0. */
static uint64_t
guest_hears(void)
{
	uint64_t packet[PACKET_MAX / 8];
	enum ring_result result;
	size_t len;

	result = ring_reader_pop(&guest_in, packet, sizeof(packet), &len);
	if (result == RING_EMPTY)
		return 0;
	cr_assert_eq(result, RING_OK);
	ring_reader_publish(&guest_in);
	cr_assert_eq((uint16_t)packet[0], PACKET_COMPLETION);
	cr_assert_eq(packet[2], ~packet[1], "the answer is another's");
	return packet[1];
}

static struct channel *
provider_comes(bool resumed)
{
	struct channel_setup s = {
		.ring_in = now.in, .ring_in_bytes = RING_BYTES,
		.ring_out = now.out, .ring_out_bytes = RING_BYTES,
		.memory = &memory, .packet_max = PACKET_MAX,
		.call_fd = bell, .kick_fd = bell,
		.journal = now.journal, .journal_slots = SLOTS,
		.resumed = resumed,
	};
	struct channel *c;
	struct err e;

	c = channel_create(&s, &e);
	cr_assert_not_null(c);
	return c;
}

static void
answer(struct channel *c, const struct packet *p)
{
	cr_assert_eq(channel_answer(c, p->ticket, p->payload,
	    p->payload_size), CHANNEL_OK);
}

/* What a provider does with @c: some at once, some later, not in order. */
static void
provider_works(struct channel *c)
{
	uint8_t kept[2][PACKET_MAX];
	struct packet p[3];

	for (unsigned i = 0; i < 2; i++) {
		if (channel_receive(c, &p[i]) != CHANNEL_OK)
			return;
		memcpy(kept[i], p[i].payload, p[i].payload_size);
		p[i].payload = kept[i];
	}
	while (channel_receive(c, &p[2]) == CHANNEL_OK)
		answer(c, &p[2]);
	answer(c, &p[1]);
	answer(c, &p[0]);
	channel_flush(c);
}

/* Requests 1 to REQUESTS are answered once each, by whoever it takes. */
static void
all_are_answered_once(void)
{
	struct channel *c = provider_comes(true);
	unsigned heard = 0, count = 0;
	struct packet p;
	uint64_t id;

	while (channel_receive(c, &p) == CHANNEL_OK)
		answer(c, &p);
	cr_assert_not(channel_broken(c));
	channel_destroy(c);
	cr_assert(ring_reader_attach(&guest_in, now.out, RING_BYTES));
	while ((id = guest_hears()) != 0) {
		cr_assert(id <= REQUESTS && (heard & 1u << id) == 0,
		    "answer %u came twice", (unsigned)id);
		heard |= 1u << id;
		count++;
	}
	cr_assert_eq(count, REQUESTS, "%u answers came", count);
}

/*
 * Tracing: the processor stops after each instruction, and each state of what
 * remains that differs from the one before is kept.
 */
static struct remains *states;
static unsigned state_count;
static bool tracing;

static void
on_step(int number, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	(void)number;
	(void)info;
	if (!tracing) {
		u->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
		return;
	}
	u->uc_mcontext.gregs[REG_EFL] |= TRAP_FLAG;
	if (state_count == STATES_MAX)
		abort();
	if (state_count == 0 || memcmp(&states[state_count - 1], &now,
	    sizeof(now)) != 0)
		states[state_count++] = now;
}

static void
trace(void (*work)(struct channel *c), bool resumed)
{
	struct sigaction act = { .sa_sigaction = on_step,
		.sa_flags = SA_SIGINFO };
	struct channel *c = provider_comes(resumed);

	states = aligned_alloc(RING_PAGE, STATES_MAX * sizeof(*states));
	cr_assert_not_null(states);
	state_count = 0;
	sigaction(SIGTRAP, &act, NULL);
	tracing = true;
	raise(SIGTRAP);
	work(c);
	tracing = false;
	channel_destroy(c);
}

static void
six_requests(void)
{
	for (uint64_t id = 1; id <= REQUESTS; id++)
		guest_asks(id);
}

Test(journal, a_provider_may_be_killed_at_any_instruction)
{
	six_requests();
	trace(provider_works, false);
	/* Marks, slots, packets, indices: it must have seen them change. */
	cr_assert_gt(state_count, 50);
	for (unsigned i = 0; i < state_count; i++) {
		now = states[i];
		all_are_answered_once();
	}
	free(states);
}

Test(journal, a_successor_may_be_killed_at_any_instruction)
{
	static struct remains first[16];
	unsigned count = 0, step;

	six_requests();
	trace(provider_works, false);
	step = state_count / 12;
	for (unsigned i = 0; i < state_count; i += step)
		first[count++] = states[i];
	free(states);
	for (unsigned k = 0; k < count; k++) {
		now = first[k];
		trace(provider_works, true);
		for (unsigned i = 0; i < state_count; i++) {
			now = states[i];
			all_are_answered_once();
		}
		free(states);
	}
}

/* Many times, so that the rings go round: a slot may be older than a round. */
Test(journal, nothing_is_lost_or_doubled_over_many_lives)
{
	bool open[1000] = { false };
	struct channel *c = provider_comes(false);
	struct packet p;
	uint64_t asked = 0, heard = 0, id;
	uint32_t tickets[SLOTS];
	uint64_t payloads[SLOTS][2];
	unsigned held = 0;

	srand(1);
	while (heard < 999) {
		switch (rand() % 8) {
		case 0:
		case 1:
			if (asked < 999 && asked - heard < SLOTS) {
				guest_asks(++asked);
				open[asked] = true;
			}
			break;
		case 2:
		case 3:
			if (channel_receive(c, &p) != CHANNEL_OK)
				break;
			tickets[held] = p.ticket;
			memcpy(payloads[held++], p.payload,
			    sizeof(payloads[0]));
			break;
		case 4:
		case 5:
			if (held == 0)
				break;
			held--;
			cr_assert_eq(channel_answer(c, tickets[held],
			    payloads[held], sizeof(payloads[0])), CHANNEL_OK);
			break;
		case 6:
			while ((id = guest_hears()) != 0) {
				cr_assert(open[id], "answered twice");
				open[id] = false;
				heard++;
			}
			break;
		default:
			if (rand() % 4 != 0)
				break;
			channel_destroy(c);
			c = provider_comes(true);
			held = 0;
			break;
		}
	}
	channel_destroy(c);
	cr_expect_eq(asked, heard);
}

Test(journal, repeats_come_first_and_in_order)
{
	struct channel *c = provider_comes(false);
	struct packet p, first;

	six_requests();
	cr_assert_eq(channel_receive(c, &first), CHANNEL_OK);
	channel_receive(c, &p);
	channel_receive(c, &p);
	answer(c, &p);
	channel_destroy(c);
	c = provider_comes(true);
	cr_expect(channel_resumed(c));
	for (uint64_t id = 1; id <= 4; id++) {
		cr_assert_eq(channel_receive(c, &p), CHANNEL_OK);
		cr_expect_eq(p.transaction_id, id == 1 ? 1 : id == 2 ? 2 :
		    id + 1);
	}
	cr_expect_eq(channel_receive(c, &p), CHANNEL_BUSY,
	    "there are four slots");
	channel_destroy(c);
}

Test(journal, a_ticket_is_good_for_one_answer)
{
	struct channel *c = provider_comes(false);
	struct packet p;

	guest_asks(1);
	cr_expect_neq(channel_answer(c, 0, NULL, 0), CHANNEL_OK);
	cr_assert_eq(channel_receive(c, &p), CHANNEL_OK);
	answer(c, &p);
	cr_expect_neq(channel_answer(c, p.ticket, NULL, 0), CHANNEL_OK);
	cr_expect_neq(channel_answer(c, SLOTS, NULL, 0), CHANNEL_OK);
	channel_destroy(c);
}

Test(journal, a_successor_rings_once_and_looks_for_itself)
{
	struct channel *c = provider_comes(false);
	uint64_t count;

	channel_destroy(c);
	c = provider_comes(true);
	channel_flush(c);
	cr_expect_eq(read(bell, &count, sizeof(count)), 8);
	cr_expect_eq(count, 1);
	channel_destroy(c);
}

Test(journal, a_note_is_handed_on)
{
	struct channel *c = provider_comes(false);
	uint32_t note = 0;

	channel_note_get(c, &note, sizeof(note));
	cr_expect_eq(note, 0);
	channel_note_set(c, &(uint32_t){ 77 }, sizeof(note));
	channel_destroy(c);
	c = provider_comes(true);
	channel_note_get(c, &note, sizeof(note));
	cr_expect_eq(note, 77);
	channel_destroy(c);
}

Test(journal, what_is_no_packet_breaks_the_channel)
{
	struct journal_header *h = (void *)now.journal;
	struct channel *c;
	struct packet p;

	h->slots[2].used = 1;
	h->slots[2].length = 1 << 30;
	c = provider_comes(true);
	cr_expect_eq(channel_receive(c, &p), CHANNEL_BROKEN);
	channel_destroy(c);
}
