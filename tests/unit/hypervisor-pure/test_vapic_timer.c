/* SPDX-License-Identifier: Apache-2.0 */
/* The timer of the virtual local APIC. */
#include <criterion/criterion.h>

#include "x86/vapic.h"
#include <tlfs/vp.h>

#define DIVIDE_BY_1	0xbu
#define DIVIDE_BY_16	0x3u

static struct vapic v;
static struct vapic_outcome out;
static uint8_t vector;

static void
setup(void)
{
	vapic_setup(&v, 0, true, 0);
	vapic_write(&v, VAPIC_SVR, 0x1ff, &out);
	vapic_write(&v, VAPIC_DIVIDE, DIVIDE_BY_1, &out);
	vapic_timer_program(&v, 0);
}

/* Writes a register of the timer as an exit at @now does. */
static uint64_t
program(uint32_t reg, uint32_t value, uint64_t now)
{
	cr_assert_eq(vapic_write(&v, reg, value, &out), VAPIC_REARM);
	return vapic_timer_program(&v, now);
}

static uint32_t
count(uint64_t now)
{
	uint64_t value;

	cr_assert(vapic_read(&v, VAPIC_CURRENT_COUNT, now, &value));
	return (uint32_t)value;
}

TestSuite(vapic_timer, .init = setup);

Test(vapic_timer, clock_is_at_most_one_gigahertz)
{
	cr_expect_eq(vapic_clock_shift(1000000000), 0);
	cr_expect_eq(vapic_clock_shift(UINT64_C(1) << 30), 0);
	cr_expect_eq(vapic_clock_shift((UINT64_C(1) << 30) + 1), 1);
	cr_expect_eq(vapic_clock_shift(3600000000u), 2);
}

Test(vapic_timer, one_shot_fires_once)
{
	program(VAPIC_LVT_TIMER, 0xec, 0);
	cr_expect_eq(program(VAPIC_INITIAL_COUNT, 1000, 500), 1500);
	cr_expect_eq(count(500), 1000);
	cr_expect_eq(count(1499), 1);
	cr_expect_eq(count(1500), 0);
	cr_expect_not(vapic_timer_expire(&v, 1499, &vector));
	cr_expect(vapic_timer_expire(&v, 1500, &vector));
	cr_expect_eq(vector, 0xec);
	cr_expect_eq(vapic_timer_deadline(&v), VAPIC_NEVER);
	cr_expect_not(vapic_timer_expire(&v, 9999, &vector));
	cr_expect_eq(count(9999), 0);
}

Test(vapic_timer, divider_slows_it)
{
	static const struct {
		uint32_t code, by;
	} table[] = { { 0, 2 }, { 1, 4 }, { 2, 8 }, { 3, 16 }, { 8, 32 },
		{ 9, 64 }, { 10, 128 }, { 11, 1 } };

	program(VAPIC_LVT_TIMER, 0xec, 0);
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		program(VAPIC_DIVIDE, table[i].code, 0);
		cr_expect_eq(program(VAPIC_INITIAL_COUNT, 10, 0),
		    10 * table[i].by);
	}
}

Test(vapic_timer, clock_shift_slows_it_too)
{
	vapic_setup(&v, 0, true, 2);
	vapic_write(&v, VAPIC_SVR, 0x1ff, &out);
	program(VAPIC_DIVIDE, DIVIDE_BY_16, 0);
	program(VAPIC_LVT_TIMER, 0xec, 0);
	cr_expect_eq(program(VAPIC_INITIAL_COUNT, 10, 0), 640);
	cr_expect_eq(count(320), 5);
}

Test(vapic_timer, periodic_keeps_its_phase)
{
	program(VAPIC_LVT_TIMER, VAPIC_LVT_PERIODIC | 0xec, 0);
	cr_expect_eq(program(VAPIC_INITIAL_COUNT, 100000, 0), 100000);
	cr_expect(vapic_timer_expire(&v, 100050, &vector));
	cr_expect_eq(vapic_timer_deadline(&v), 200000);
	cr_expect_eq(count(150000), 50000);
	cr_expect(vapic_timer_expire(&v, 555555, &vector), "one for all lost");
	cr_expect_eq(vapic_timer_deadline(&v), 600000);
}

Test(vapic_timer, tiny_periods_do_not_storm)
{
	program(VAPIC_LVT_TIMER, VAPIC_LVT_PERIODIC | 0xec, 0);
	program(VAPIC_INITIAL_COUNT, 1, 0);
	cr_expect(vapic_timer_expire(&v, 10, &vector));
	cr_expect_gt(vapic_timer_deadline(&v), 10000);
}

Test(vapic_timer, zero_stops)
{
	program(VAPIC_LVT_TIMER, 0xec, 0);
	program(VAPIC_INITIAL_COUNT, 1000, 0);
	cr_expect_eq(program(VAPIC_INITIAL_COUNT, 0, 500), VAPIC_NEVER);
	cr_expect_eq(count(500), 0);
}

Test(vapic_timer, masked_timer_runs_silently)
{
	program(VAPIC_LVT_TIMER, VAPIC_LVT_MASKED | 0xec, 0);
	cr_expect_eq(program(VAPIC_INITIAL_COUNT, 1000, 0), VAPIC_NEVER);
	cr_expect_eq(count(400), 600);
	cr_expect_eq(program(VAPIC_LVT_TIMER, 0xec, 500), 1000);
	program(VAPIC_LVT_TIMER, VAPIC_LVT_MASKED | 0xec, 600);
	cr_expect_eq(program(VAPIC_LVT_TIMER, 0xec, 1100), VAPIC_NEVER,
	    "what passed while masked is lost");
}

Test(vapic_timer, due_timer_survives_a_rewrite_of_its_entry)
{
	program(VAPIC_LVT_TIMER, 0xec, 0);
	program(VAPIC_INITIAL_COUNT, 1000, 0);
	cr_expect_eq(program(VAPIC_LVT_TIMER, 0xed, 1001), 1000);
	cr_expect(vapic_timer_expire(&v, 1001, &vector));
	cr_expect_eq(vector, 0xed);
}

Test(vapic_timer, speed_can_change_on_the_way)
{
	program(VAPIC_LVT_TIMER, 0xec, 0);
	program(VAPIC_INITIAL_COUNT, 1000, 0);
	cr_expect_eq(program(VAPIC_DIVIDE, DIVIDE_BY_16, 400),
	    400 + 600 * 16);
	cr_expect_eq(count(400 + 100 * 16), 500);
}

Test(vapic_timer, another_processor_may_be_behind)
{
	program(VAPIC_LVT_TIMER, 0xec, 0);
	program(VAPIC_INITIAL_COUNT, 1000, 5000);
	cr_expect_eq(count(4990), 1000);
}

Test(vapic_timer, goes_on_after_save_and_restore)
{
	struct hv_local_interrupt_controller_state state;
	struct vapic copy;

	program(VAPIC_DIVIDE, DIVIDE_BY_16, 0);
	program(VAPIC_LVT_TIMER, 0xec, 0);
	program(VAPIC_INITIAL_COUNT, 1000, 0);
	vapic_save(&v, 400 * 16, &state);
	cr_expect_eq(state.apic_counter_value, 600);
	vapic_setup(&copy, 0, true, 0);
	vapic_restore(&copy, 1000000, &state);
	cr_expect_eq(vapic_timer_deadline(&copy), 1000000 + 600 * 16);
	state.apic_counter_value = 0;
	vapic_restore(&copy, 1000000, &state);
	cr_expect_eq(vapic_timer_deadline(&copy), VAPIC_NEVER, "had expired");
}
