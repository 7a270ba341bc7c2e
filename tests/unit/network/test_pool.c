/* SPDX-License-Identifier: Apache-2.0 */
/* Who has which part of the receive buffer. */
#include <criterion/criterion.h>

#include "network/pool.h"

#define COUNT 8u

static struct pool p;
static uint32_t taken[COUNT];

static void
set_up(void)
{
	cr_assert(pool_create(&p, COUNT, 2048));
}

static void
tear_down(void)
{
	pool_destroy(&p);
}

TestSuite(pool, .init = set_up, .fini = tear_down);

static uint64_t
send(unsigned count, unsigned queue)
{
	for (unsigned i = 0; i < count; i++)
		taken[i] = pool_take(&p);
	return pool_send(&p, taken, count, queue);
}

Test(pool, gives_each_part_once)
{
	unsigned seen = 0;

	for (unsigned i = 0; i < COUNT; i++) {
		uint32_t index = pool_take(&p);

		cr_assert_lt(index, COUNT);
		cr_assert_eq(seen & 1U << index, 0);
		seen |= 1U << index;
	}
	cr_expect_eq(pool_take(&p), POOL_NONE);
	pool_give(&p, 3);
	cr_expect_eq(pool_take(&p), 3);
}

Test(pool, sent_parts_come_back_together)
{
	uint64_t id = send(3, 1);

	cr_expect_eq(p.free_count, COUNT - 3);
	cr_expect(pool_complete(&p, id, 1));
	cr_expect_eq(p.free_count, COUNT);
}

Test(pool, refuses_what_is_not_outstanding)
{
	uint64_t id = send(3, 1);

	cr_expect_not(pool_complete(&p, 0, 1));
	cr_expect_not(pool_complete(&p, COUNT + 1, 1));
	cr_expect_not(pool_complete(&p, UINT64_MAX, 1));
	cr_expect_not(pool_complete(&p, id + (UINT64_C(1) << 32), 1));
	cr_expect_not(pool_complete(&p, id, 0), "another queue's");
	cr_expect_not(pool_complete(&p, (uint64_t)taken[1] + 1, 1),
	    "not the first part");
	cr_expect_not(pool_complete(&p, (uint64_t)pool_take(&p) + 1, 1),
	    "taken, not sent");
	cr_expect(pool_complete(&p, id, 1));
	cr_expect_not(pool_complete(&p, id, 1), "twice");
}

Test(pool, closed_queue_gives_back_its_own_only)
{
	uint64_t other = send(2, 2);

	send(3, 1);
	pool_drop_queue(&p, 1);
	cr_expect_eq(p.free_count, COUNT - 2);
	cr_expect(pool_complete(&p, other, 2));
}

Test(pool, without_buffer_there_is_nothing)
{
	pool_destroy(&p);
	cr_expect_eq(pool_take(&p), POOL_NONE);
	cr_expect_not(pool_complete(&p, 1, 0));
	pool_drop_queue(&p, 0);
}
