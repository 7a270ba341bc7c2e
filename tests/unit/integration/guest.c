/* SPDX-License-Identifier: Apache-2.0 */
/* Takes packets, checks that they are well formed, and sends answers. */
#include "guest.h"

#include <criterion/criterion.h>
#include <string.h>

bool
guest_take(struct guest *g)
{
	size_t size;
	const uint8_t *packet = ic_unsent(g->ic, &size);

	if (packet == NULL)
		return false;
	cr_assert(size >= sizeof(g->header) && size <= IC_PACKET_MAX);
	memcpy(&g->header, packet, sizeof(g->header));
	g->size = size - sizeof(g->header);
	memcpy(g->body, packet + sizeof(g->header), g->size);
	cr_expect_eq(g->header.pipe_type, 1);
	cr_expect_eq(g->header.pipe_size, size - 8);
	cr_expect_eq(g->header.size, g->size);
	cr_expect_eq(g->header.flags, 3);
	cr_expect_eq(g->header.status, 0);
	ic_sent(g->ic);
	return true;
}

void
guest_answer(struct guest *g, uint32_t status)
{
	uint8_t packet[IC_PACKET_MAX];

	g->header.flags = IC_FLAG_TRANSACTION | IC_FLAG_RESPONSE;
	g->header.status = status;
	memcpy(packet, &g->header, sizeof(g->header));
	memcpy(packet + sizeof(g->header), g->body, g->size);
	ic_receive(g->ic, packet, sizeof(g->header) + g->size, g->now);
}

void
guest_echo(struct guest *g, uint32_t status)
{
	cr_assert(guest_take(g));
	guest_answer(g, status);
}

void
guest_open(struct guest *g, struct ic *ic, uint64_t now)
{
	struct ic_version chosen[2] = { { 3, 0 }, { 0, 0 } };
	struct ic_negotiate n;
	size_t last;

	memset(g, 0, sizeof(*g));
	g->ic = ic;
	g->now = now;
	ic_open(ic);
	cr_assert(guest_take(g));
	cr_assert_eq(g->header.type, IC_NEGOTIATE);
	memcpy(&n, g->body, sizeof(n));
	last = (size_t)n.framework_count + n.message_count - 1;
	cr_assert_eq(g->size, sizeof(n) + (last + 1) * sizeof(chosen[0]));
	memcpy(&chosen[1], g->body + sizeof(n) + last * sizeof(chosen[0]),
	    sizeof(chosen[1]));
	n.framework_count = 1;
	n.message_count = 1;
	memcpy(g->body, &n, sizeof(n));
	memcpy(g->body + sizeof(n), chosen, sizeof(chosen));
	g->header.size = 16;
	guest_answer(g, 0);
	cr_assert_eq(ic->state, IC_READY);
}

void
guest_wait(struct guest *g, uint64_t microseconds)
{
	uint64_t until = g->now + microseconds;

	/* As a timer does: not later than asked for. */
	while (ic_deadline(g->ic) <= until) {
		g->now = ic_deadline(g->ic) > g->now ? ic_deadline(g->ic)
						     : g->now;
		ic_tick(g->ic, g->now);
	}
	g->now = until;
}
