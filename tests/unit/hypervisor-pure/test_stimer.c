/* SPDX-License-Identifier: Apache-2.0 */
/* Synthetic timers: when they expire, whom they tell, what is saved. */
#include <criterion/criterion.h>
#include <string.h>

#include "core/stimer.h"

#define CONFIG(i)	(2 * (i))
#define COUNT(i)	(2 * (i) + 1)
#define DIRECT(vector)	(HV_STIMER_DIRECT | (uint64_t)(vector) << 4)
#define SINT(sint)	((uint64_t)(sint) << 16)

static struct stimers s;
static uint8_t vectors[HV_STIMER_COUNT];

static void
setup(void)
{
	stimers_reset(&s);
}

TestSuite(stimer, .init = setup);

Test(stimer, what_linux_writes_fires_once_at_its_count)
{
	/* Enable, auto-enable, direct, vector 0xed. */
	stimers_write(&s, CONFIG(0), 0x1ed9, 100);
	cr_expect_eq(stimers_deadline(&s), STIMER_NEVER);
	stimers_write(&s, COUNT(0), 500, 100);
	cr_expect_eq(stimers_deadline(&s), 500);
	cr_expect_eq(stimers_expire(&s, 499, vectors), 0);
	cr_expect_eq(stimers_expire(&s, 500, vectors), 1);
	cr_expect_eq(vectors[0], 0xed);
	cr_expect_eq(stimers_read(&s, CONFIG(0)) & HV_STIMER_ENABLE, 0);
	cr_expect_eq(stimers_deadline(&s), STIMER_NEVER);
	stimers_write(&s, COUNT(0), 900, 600);
	cr_expect_eq(stimers_deadline(&s), 900, "auto-enable");
}

Test(stimer, count_in_the_past_is_due_at_once)
{
	stimers_write(&s, CONFIG(1), 0x1ed9, 100);
	stimers_write(&s, COUNT(1), 50, 100);
	cr_expect_leq(stimers_deadline(&s), 100);
	cr_expect_eq(stimers_expire(&s, 100, vectors), 1);
}

Test(stimer, count_of_zero_stops)
{
	stimers_write(&s, CONFIG(0), 0x1ed9, 100);
	stimers_write(&s, COUNT(0), 500, 100);
	stimers_write(&s, COUNT(0), 0, 100);
	cr_expect_eq(stimers_deadline(&s), STIMER_NEVER);
	cr_expect_eq(stimers_expire(&s, 1000, vectors), 0);
	cr_expect_eq(stimers_read(&s, CONFIG(0)) & HV_STIMER_ENABLE, 0);
}

Test(stimer, without_auto_enable_config_starts_it)
{
	stimers_write(&s, COUNT(0), 500, 0);
	stimers_write(&s, CONFIG(0), DIRECT(0x40), 0);
	cr_expect_eq(stimers_deadline(&s), STIMER_NEVER);
	stimers_write(&s, CONFIG(0), DIRECT(0x40) | HV_STIMER_ENABLE, 0);
	cr_expect_eq(stimers_deadline(&s), 500);
}

Test(stimer, cannot_be_enabled_without_a_target)
{
	stimers_write(&s, COUNT(0), 500, 0);
	stimers_write(&s, CONFIG(0), HV_STIMER_ENABLE, 0);
	cr_expect_eq(stimers_read(&s, CONFIG(0)), 0, "no SINT");
	stimers_write(&s, CONFIG(0), HV_STIMER_ENABLE | DIRECT(15), 0);
	cr_expect_eq(stimers_read(&s, CONFIG(0)), DIRECT(15), "bad vector");
	cr_expect_eq(stimers_deadline(&s), STIMER_NEVER);
}

Test(stimer, reserved_bits_read_as_zero)
{
	stimers_write(&s, CONFIG(3), UINT64_MAX & ~HV_STIMER_ENABLE, 0);
	cr_expect_eq(stimers_read(&s, CONFIG(3)), 0xf1ffe);
}

Test(stimer, periodic_keeps_its_phase)
{
	stimers_write(&s, CONFIG(0),
	    HV_STIMER_ENABLE | HV_STIMER_PERIODIC | DIRECT(0x40), 0);
	stimers_write(&s, CONFIG(0),
	    HV_STIMER_ENABLE | HV_STIMER_PERIODIC | DIRECT(0x40), 0);
	stimers_write(&s, COUNT(0), 1000, 50);
	cr_expect_eq(stimers_deadline(&s), 1050);
	cr_expect_eq(stimers_expire(&s, 1070, vectors), 1);
	cr_expect_eq(stimers_deadline(&s), 2050);
	cr_expect_eq(stimers_expire(&s, 9000, vectors), 1, "one for all lost");
	cr_expect_gt(stimers_deadline(&s), 9000);
	cr_expect_leq(stimers_deadline(&s), 10000);
	cr_expect(stimers_read(&s, CONFIG(0)) & HV_STIMER_ENABLE);
}

Test(stimer, tiny_periods_do_not_storm)
{
	stimers_write(&s, CONFIG(0),
	    HV_STIMER_ENABLE | HV_STIMER_PERIODIC | DIRECT(0x40), 0);
	stimers_write(&s, COUNT(0), 1, 1000);
	cr_expect_eq(stimers_read(&s, COUNT(0)), 1);
	stimers_expire(&s, 5000, vectors);
	cr_expect_geq(stimers_deadline(&s), 5000 + 100);
}

Test(stimer, huge_periods_do_not_wrap)
{
	stimers_write(&s, CONFIG(0),
	    HV_STIMER_ENABLE | HV_STIMER_PERIODIC | DIRECT(0x40), 0);
	stimers_write(&s, COUNT(0), UINT64_MAX - 5, 1000);
	cr_expect_eq(stimers_deadline(&s), STIMER_NEVER);
}

Test(stimer, message_says_which_and_when)
{
	struct hv_timer_message_payload payload;
	struct hv_message msg;
	unsigned int sint;

	stimers_write(&s, CONFIG(2), HV_STIMER_AUTO_ENABLE | SINT(4), 0);
	stimers_write(&s, COUNT(2), 500, 0);
	cr_expect_eq(stimers_expire(&s, 510, vectors), 0);
	cr_assert_eq(stimers_owed(&s), 1u << 2);
	stimers_message(&s, 2, 520, &msg, &sint);
	memcpy(&payload, msg.payload_bytes, sizeof(payload));
	cr_expect_eq(sint, 4);
	cr_expect_eq(msg.header.message_type, HVMSG_TIMER_EXPIRED);
	cr_expect_eq(msg.header.payload_size, 24);
	cr_expect_eq(payload.timer_index, 2);
	cr_expect_eq(payload.expiration_time, 500);
	cr_expect_eq(payload.delivery_time, 520);
	stimers_delivered(&s, 2);
	cr_expect_eq(stimers_owed(&s), 0);
}

Test(stimer, undelivered_expiries_become_one_message)
{
	struct hv_message msg;
	unsigned int sint;

	stimers_write(&s, COUNT(0), 1000, 0);
	stimers_write(&s, CONFIG(0),
	    HV_STIMER_ENABLE | HV_STIMER_PERIODIC | SINT(1), 0);
	stimers_expire(&s, 1000, vectors);
	stimers_expire(&s, 2000, vectors);
	cr_expect_eq(stimers_owed(&s), 1);
	stimers_message(&s, 0, 2000, &msg, &sint);
	cr_expect_eq(msg.payload[1], 1000, "the first is told");
}

Test(stimer, reprogramming_voids_what_was_owed)
{
	stimers_write(&s, COUNT(0), 10, 0);
	stimers_write(&s, CONFIG(0), HV_STIMER_ENABLE | SINT(1), 0);
	stimers_expire(&s, 10, vectors);
	stimers_write(&s, CONFIG(0), 0, 20);
	cr_expect_eq(stimers_owed(&s), 0);
}

Test(stimer, all_four_can_expire_together)
{
	for (unsigned int i = 0; i < HV_STIMER_COUNT; i++) {
		stimers_write(&s, CONFIG(i), HV_STIMER_AUTO_ENABLE |
		    DIRECT(0x50 + i), 0);
		stimers_write(&s, COUNT(i), 100 + i, 0);
	}
	cr_expect_eq(stimers_deadline(&s), 100);
	cr_expect_eq(stimers_expire(&s, 200, vectors), 4);
	for (unsigned int i = 0; i < HV_STIMER_COUNT; i++)
		cr_expect_eq(vectors[i], 0x50 + i);
}

Test(stimer, state_survives_save_and_restore)
{
	struct hv_synthetic_timers_state state, again;
	struct stimers copy;

	stimers_write(&s, CONFIG(0), 0x1ed9, 0);
	stimers_write(&s, COUNT(0), 5000, 0);
	stimers_write(&s, COUNT(1), 1000, 0);
	stimers_write(&s, CONFIG(1),
	    HV_STIMER_ENABLE | HV_STIMER_PERIODIC | SINT(3), 0);
	stimers_expire(&s, 1200, vectors);
	stimers_save(&s, &state);
	stimers_reset(&copy);
	stimers_restore(&copy, 1500, &state);
	stimers_save(&copy, &again);
	cr_expect_arr_eq(&state, &again, sizeof(state));
	cr_expect_eq(stimers_owed(&copy), 2);
	cr_expect_eq(stimers_deadline(&copy), 2000);
}

Test(stimer, restore_trusts_nothing)
{
	struct hv_synthetic_timers_state state;

	memset(&state, 0xff, sizeof(state));
	stimers_restore(&s, 1000, &state);
	cr_expect_eq(stimers_read(&s, CONFIG(0)) & ~UINT64_C(0xf1fff), 0);
	cr_expect_eq(stimers_owed(&s), 0, "direct timers owe no message");
	memset(&state, 0, sizeof(state));
	state.timers[0].adjustment = 5;
	state.timers[0].flags = 1;
	stimers_restore(&s, 1000, &state);
	cr_expect_eq(stimers_deadline(&s), STIMER_NEVER);
	cr_expect_eq(stimers_owed(&s), 0);
}
