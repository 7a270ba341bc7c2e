/* SPDX-License-Identifier: Apache-2.0 */
/* Queues of deadlines against a sorted array. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "core/timerq.h"

#define NODES	200u

static uint64_t state = 88172645463325252u;

static uint64_t
random_next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static uint64_t
earliest(const struct timerq_node *nodes)
{
	uint64_t first = TIMERQ_NEVER;

	for (unsigned int i = 0; i < NODES; i++)
		if (nodes[i].queued && nodes[i].deadline < first)
			first = nodes[i].deadline;
	return first;
}

Test(timerq, empty_queue_never_comes_due)
{
	struct timerq q = { 0 };

	cr_expect_eq(timerq_deadline(&q), TIMERQ_NEVER);
	cr_expect_null(timerq_first(&q));
}

Test(timerq, removing_what_is_not_queued_does_nothing)
{
	struct timerq_node a = { 0 }, b = { 0 };
	struct timerq q = { 0 };

	timerq_insert(&q, &a, 5);
	timerq_remove(&q, &b);
	cr_expect_eq(timerq_first(&q), &a);
}

Test(timerq, gives_deadlines_in_order)
{
	static struct timerq_node nodes[NODES];
	struct timerq q = { 0 };
	uint64_t last = 0;

	for (unsigned int i = 0; i < NODES; i++)
		timerq_insert(&q, &nodes[i], random_next() % 100);
	for (unsigned int i = 0; i < NODES; i++) {
		struct timerq_node *first = timerq_first(&q);

		cr_assert_not_null(first);
		cr_assert_geq(first->deadline, last);
		last = first->deadline;
		timerq_remove(&q, first);
	}
	cr_expect_null(timerq_first(&q));
}

Test(timerq, stays_right_under_any_mix_of_inserts_and_removals)
{
	static struct timerq_node nodes[NODES];
	struct timerq q = { 0 };

	for (unsigned int step = 0; step < 20000; step++) {
		struct timerq_node *n = &nodes[random_next() % NODES];

		if (n->queued)
			timerq_remove(&q, n);
		else
			timerq_insert(&q, n, random_next() % 1000);
		cr_assert_eq(timerq_deadline(&q), earliest(nodes));
	}
}
