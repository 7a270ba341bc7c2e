/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual local APIC: priorities, registers of both modes, destinations. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "core/atomic.h"
#include "x86/vapic.h"
#include <tlfs/vp.h>

static struct vapic v;
static struct vapic_outcome out;

static void
setup_xapic(void)
{
	vapic_setup(&v, 5, true, 0);
	vapic_write(&v, VAPIC_SVR, 0x1ff, &out);
}

static void
setup(void)
{
	setup_xapic();
	vapic_set_base(&v, VAPIC_BASE_DEFAULT | VAPIC_BASE_ENABLE |
	    VAPIC_BASE_X2APIC);
}

static uint64_t
reg(uint32_t number)
{
	uint64_t value = UINT64_MAX;

	cr_assert(vapic_read(&v, number, 0, &value), "register %x", number);
	return value;
}

static void
take(uint8_t vector)
{
	cr_assert_eq(vapic_pending(&v), vector);
	vapic_offer(&v, vector);
	vapic_accept(&v, vector);
}

TestSuite(vapic, .init = setup);

Test(vapic, a_request_while_the_first_is_offered_is_news)
{
	bool level;

	cr_expect(vapic_post(&v, 0x40, VAPIC_EDGE));
	vapic_offer(&v, 0x40);
	cr_expect(vapic_post(&v, 0x40, VAPIC_EDGE), "the first may be taken");
	vapic_accept(&v, 0x40);
	cr_expect_eq(vapic_pending(&v), -1, "the first is in service");
	cr_expect_eq(vapic_eoi(&v, &level), 0x40);
	cr_expect_eq(vapic_pending(&v), 0x40);
}

Test(vapic, an_offer_that_is_withdrawn_waits_again)
{
	vapic_post(&v, 0x40, VAPIC_EDGE);
	vapic_offer(&v, 0x40);
	cr_expect_eq(vapic_pending(&v), -1);
	vapic_withdraw(&v, 0x40);
	cr_expect_eq(vapic_pending(&v), 0x40);
}
TestSuite(xapic, .init = setup_xapic);

Test(vapic, power_on_state)
{
	memset(&v, 0xff, sizeof(v));
	vapic_setup(&v, 3, false, 0);
	cr_expect_eq(v.base, 0xfee00800);
	cr_expect_eq(reg(VAPIC_ID), 3u << 24);
	cr_expect_eq(reg(VAPIC_SVR), 0xff);
	cr_expect_eq(reg(VAPIC_DFR), 0xffffffff);
	cr_expect_eq(reg(VAPIC_VERSION), 0x50014);
	for (uint32_t i = VAPIC_LVT_TIMER; i <= VAPIC_LVT_ERROR; i++)
		cr_expect_eq(reg(i), VAPIC_LVT_MASKED);
	for (uint32_t i = VAPIC_ISR; i < VAPIC_ESR; i++)
		cr_expect_eq(reg(i), 0);
	cr_expect_eq(vapic_timer_deadline(&v), VAPIC_NEVER);
	cr_expect_eq(vapic_pending(&v), -1);
}

Test(vapic, highest_vector_comes_first)
{
	cr_expect(vapic_post(&v, 0x31, VAPIC_EDGE));
	cr_expect(vapic_post(&v, 0xf3, VAPIC_EDGE));
	cr_expect(vapic_post(&v, 0x80, VAPIC_EDGE));
	cr_expect_not(vapic_post(&v, 0x80, VAPIC_EDGE), "asked for already");
	take(0xf3);
	cr_expect_eq(vapic_pending(&v), -1, "lower class waits");
}

Test(vapic, same_class_does_not_interrupt_itself)
{
	bool level;

	vapic_post(&v, 0x81, VAPIC_EDGE);
	take(0x81);
	vapic_post(&v, 0x8f, VAPIC_EDGE);
	cr_expect_eq(vapic_pending(&v), -1);
	vapic_post(&v, 0x90, VAPIC_EDGE);
	take(0x90);
	cr_expect_eq(reg(VAPIC_PPR), 0x90);
	cr_expect_eq(vapic_eoi(&v, &level), 0x90);
	cr_expect_eq(reg(VAPIC_PPR), 0x80);
	cr_expect_eq(vapic_eoi(&v, &level), 0x81);
	cr_expect_eq(vapic_pending(&v), 0x8f);
	vapic_offer(&v, 0x8f);
	vapic_accept(&v, 0x8f);
	cr_expect_eq(vapic_eoi(&v, &level), 0x8f);
	cr_expect_eq(vapic_eoi(&v, &level), 0, "none in service");
}

Test(vapic, a_vector_can_be_asked_for_while_in_service)
{
	bool level;

	vapic_post(&v, 0x40, VAPIC_EDGE);
	take(0x40);
	cr_expect(vapic_post(&v, 0x40, VAPIC_EDGE));
	cr_expect_eq(vapic_pending(&v), -1);
	vapic_eoi(&v, &level);
	take(0x40);
	vapic_eoi(&v, &level);
	cr_expect_eq(vapic_pending(&v), -1);
}

Test(vapic, task_priority_holds_back_its_class)
{
	vapic_post(&v, 0x45, VAPIC_EDGE);
	vapic_set_tpr(&v, 0x40);
	cr_expect_eq(vapic_pending(&v), -1);
	cr_expect_eq(reg(VAPIC_PPR), 0x40);
	vapic_set_tpr(&v, 0x3f);
	cr_expect_eq(vapic_pending(&v), 0x45);
	cr_expect_eq(vapic_write(&v, VAPIC_TPR, 0xf0, &out), VAPIC_RECHECK);
	cr_expect_eq(vapic_tpr(&v), 0xf0);
	cr_expect_eq(vapic_pending(&v), -1);
}

Test(vapic, level_is_told_at_the_eoi)
{
	bool level;

	vapic_post(&v, 0x50, VAPIC_LEVEL);
	cr_expect_eq(reg(VAPIC_TMR + 2), 1u << 16);
	take(0x50);
	cr_expect_eq(vapic_write(&v, VAPIC_EOI, 0, &out), VAPIC_LEVEL_EOI);
	cr_expect_eq(out.vector, 0x50);
	vapic_post(&v, 0x50, VAPIC_EDGE);
	take(0x50);
	cr_expect_eq(vapic_eoi(&v, &level), 0x50);
	cr_expect_not(level, "the mode is that of the last request");
}

Test(vapic, auto_eoi_is_never_in_service)
{
	vapic_post(&v, 0x66, VAPIC_AUTO_EOI);
	take(0x66);
	cr_expect_eq(reg(VAPIC_ISR + 3), 0);
	cr_expect_eq(reg(VAPIC_PPR), 0);
	vapic_post(&v, 0x66, VAPIC_EDGE);
	take(0x66);
	cr_expect_eq(reg(VAPIC_ISR + 3), 1u << 6, "only that once");
}

Test(vapic, auto_eoi_may_be_posted_between_offer_and_acceptance)
{
	vapic_post(&v, 0x66, VAPIC_AUTO_EOI);
	vapic_offer(&v, 0x66);
	vapic_post(&v, 0x66, VAPIC_AUTO_EOI);
	vapic_accept(&v, 0x66);
	take(0x66);
	cr_expect_eq(reg(VAPIC_PPR), 0, "the second waits for an EOI");
}

Test(vapic, external_requests_can_be_taken_back)
{
	vapic_post(&v, 0x40, VAPIC_AUTO_EOI);
	cr_expect_not(vapic_retract_external(&v), "not one of them");
	vapic_post(&v, 0x66, VAPIC_EXTERNAL);
	vapic_post(&v, 0xa7, VAPIC_EXTERNAL);
	cr_expect(vapic_retract_external(&v));
	cr_expect_eq(vapic_pending(&v), 0x40);
	vapic_post(&v, 0x66, VAPIC_EDGE);
	cr_expect_not(vapic_retract_external(&v), "no more one of them");
	take(0x66);
	cr_expect_eq(reg(VAPIC_PPR), 0x60, "and leave no trace");
}

Test(vapic, id_can_be_given_anew)
{
	vapic_set_id(&v, 0x21);
	cr_expect_eq(reg(VAPIC_ID), 0x21);
	cr_expect_eq(reg(VAPIC_LDR), 2u << 16 | 1u << 1);
	cr_expect(vapic_matches(&v, 0x21, false, true));
	cr_expect_not(vapic_matches(&v, 5, false, true));
}

Test(vapic, accepts_nothing_while_disabled)
{
	vapic_post(&v, 0x60, VAPIC_EDGE);
	cr_expect_eq(vapic_write(&v, VAPIC_SVR, 0xff, &out), VAPIC_REARM);
	cr_expect_eq(vapic_pending(&v), -1);
	cr_expect_not(vapic_post(&v, 0x61, VAPIC_EDGE));
	vapic_write(&v, VAPIC_SVR, 0x1ff, &out);
	cr_expect_eq(vapic_pending(&v), 0x60);
}

Test(vapic, illegal_vectors_are_errors)
{
	cr_expect_not(vapic_post(&v, 15, VAPIC_EDGE));
	cr_expect_eq(vapic_write(&v, VAPIC_ICR, 0x0f, &out), VAPIC_DONE);
	cr_expect_eq(vapic_write(&v, VAPIC_SELF_IPI, 0x0e, &out), VAPIC_DONE);
	cr_expect_eq(reg(VAPIC_ESR), 0, "not before it is written");
	cr_expect_eq(vapic_write(&v, VAPIC_ESR, 0, &out), VAPIC_DONE);
	cr_expect_eq(reg(VAPIC_ESR), VAPIC_ERROR_SEND | VAPIC_ERROR_RECEIVE);
	vapic_write(&v, VAPIC_ESR, 0, &out);
	cr_expect_eq(reg(VAPIC_ESR), 0);
}

Test(vapic, error_interrupt_is_raised)
{
	vapic_write(&v, VAPIC_LVT_ERROR, 0xfe, &out);
	cr_expect_eq(vapic_write(&v, VAPIC_ICR, 0x0f, &out), VAPIC_RECHECK);
	cr_expect_eq(vapic_pending(&v), 0xfe);
}

Test(vapic, x2apic_faults)
{
	static const struct {
		uint32_t reg;
		uint64_t value;
	} bad[] = {
		{ VAPIC_ID, 0 }, { VAPIC_VERSION, 0 }, { VAPIC_PPR, 0 },
		{ VAPIC_LDR, 0 }, { VAPIC_DFR, 0 }, { VAPIC_ISR, 0 },
		{ VAPIC_TMR, 0 }, { VAPIC_IRR + 7, 0 }, { VAPIC_ICR_HIGH, 0 },
		{ VAPIC_CURRENT_COUNT, 0 }, { 0, 0 }, { 1, 0 }, { 0x2f, 0 },
		{ 0x3a, 0 }, { 0x40, 0 }, { 0xff, 0 }, { 0x3ff, 0 },
		{ VAPIC_EOI, 1 }, { VAPIC_TPR, 0x100 }, { VAPIC_ESR, 1 },
		{ VAPIC_SVR, 0x1000 }, { VAPIC_DIVIDE, 4 },
		{ VAPIC_SELF_IPI, 0x100 }, { VAPIC_ICR, 1u << 20 },
		{ VAPIC_ICR, 1u << 13 }, { VAPIC_LVT_TIMER, 1u << 8 },
		{ VAPIC_LVT_TIMER, 1u << 18 }, { VAPIC_LVT_ERROR, 1u << 15 },
		{ VAPIC_LVT_LINT0, 1u << 17 },
		{ VAPIC_TPR, UINT64_C(1) << 32 },
		{ VAPIC_INITIAL_COUNT, UINT64_C(1) << 32 },
	};
	const struct vapic before = v;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		cr_expect_eq(vapic_write(&v, bad[i].reg, bad[i].value, &out),
		    VAPIC_FAULT, "register %x", bad[i].reg);
		cr_expect_arr_eq(&v, &before, sizeof(v), "register %x",
		    bad[i].reg);
	}
}

Test(vapic, x2apic_cannot_read)
{
	static const uint32_t bad[] = { 0, 1, 4, 9, VAPIC_EOI, 0xc, VAPIC_DFR,
		0x29, 0x2f, VAPIC_ICR_HIGH, 0x3a, VAPIC_SELF_IPI, 0x40, 0x3ff };
	uint64_t value;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		cr_expect_not(vapic_read(&v, bad[i], 0, &value), "%x", bad[i]);
}

Test(vapic, x2apic_ids_follow_from_the_id)
{
	cr_expect_eq(reg(VAPIC_ID), 5);
	cr_expect_eq(reg(VAPIC_LDR), 1u << 5);
	vapic_setup(&v, 0x123, false, 0);
	vapic_set_base(&v, 0xfee00c00);
	cr_expect_eq(reg(VAPIC_LDR), 0x12u << 16 | 1u << 3);
}

Test(vapic, icr_tells_whom_to_interrupt)
{
	cr_assert_eq(vapic_write(&v, VAPIC_ICR,
	    UINT64_C(0x700000000) | 0x800 | 0x1000 | 0x41, &out), VAPIC_SEND);
	cr_expect_eq(out.ipi.destination, 7);
	cr_expect_eq(out.ipi.vector, 0x41);
	cr_expect_eq(out.ipi.delivery, VAPIC_DELIVER_FIXED);
	cr_expect_eq(out.ipi.shorthand, VAPIC_TO_DESTINATION);
	cr_expect(out.ipi.logical);
	cr_expect(out.ipi.x2apic);
	cr_expect_eq(reg(VAPIC_ICR), UINT64_C(0x700000841), "never busy");
	cr_assert_eq(vapic_write(&v, VAPIC_ICR, 0xc0000 | 0xfd, &out),
	    VAPIC_SEND);
	cr_expect_eq(out.ipi.shorthand, VAPIC_TO_OTHERS);
}

Test(vapic, start_up_sequence)
{
	cr_assert_eq(vapic_write(&v, VAPIC_ICR,
	    UINT64_C(0x100000000) | 0xc500, &out), VAPIC_SEND);
	cr_expect_eq(out.ipi.delivery, VAPIC_DELIVER_INIT);
	cr_expect_eq(vapic_write(&v, VAPIC_ICR,
	    UINT64_C(0x100000000) | 0x8500, &out), VAPIC_DONE, "de-assert");
	cr_assert_eq(vapic_write(&v, VAPIC_ICR,
	    UINT64_C(0x100000000) | 0x0609, &out), VAPIC_SEND);
	cr_expect_eq(out.ipi.delivery, VAPIC_DELIVER_STARTUP);
	cr_expect_eq(out.ipi.vector, 9, "any page, also below 16");
	cr_assert_eq(vapic_write(&v, VAPIC_ICR, 0xc0400, &out), VAPIC_SEND);
	cr_expect_eq(out.ipi.delivery, VAPIC_DELIVER_NMI);
}

Test(vapic, what_cannot_be_sent_is_dropped)
{
	static const uint32_t low[] = { 0x240, 0x340, 0x740, 0x40400, 0x80500,
		0x40600 };

	for (size_t i = 0; i < sizeof(low) / sizeof(low[0]); i++)
		cr_expect_eq(vapic_write(&v, VAPIC_ICR, low[i], &out),
		    VAPIC_DONE, "%x", low[i]);
}

Test(vapic, self_ipis_need_no_routing)
{
	cr_expect_eq(vapic_write(&v, VAPIC_SELF_IPI, 0xf6, &out),
	    VAPIC_RECHECK);
	take(0xf6);
	cr_expect_eq(vapic_write(&v, VAPIC_ICR, 0x400f7, &out),
	    VAPIC_RECHECK);
	cr_expect_eq(reg(VAPIC_IRR + 7), 1u << 23);
}

Test(xapic, registers_have_their_old_places)
{
	cr_expect_eq(reg(VAPIC_ID), 5u << 24);
	cr_expect_eq(vapic_write(&v, VAPIC_ID, 0, &out), VAPIC_DONE);
	cr_expect_eq(reg(VAPIC_ID), 5u << 24, "read only");
	vapic_write(&v, VAPIC_LDR, 0x81ffffff, &out);
	cr_expect_eq(reg(VAPIC_LDR), 0x81000000);
	vapic_write(&v, VAPIC_DFR, 0, &out);
	cr_expect_eq(reg(VAPIC_DFR), 0x0fffffff);
	cr_expect_eq(vapic_write(&v, VAPIC_EOI, 0xdead, &out), VAPIC_RECHECK);
	cr_expect_eq(reg(VAPIC_EOI), 0);
}

Test(xapic, icr_has_two_halves)
{
	cr_expect_eq(vapic_write(&v, VAPIC_ICR_HIGH, 0x0affffff, &out),
	    VAPIC_DONE);
	cr_assert_eq(vapic_write(&v, VAPIC_ICR, 0x41, &out), VAPIC_SEND);
	cr_expect_eq(out.ipi.destination, 0x0a);
	cr_expect_not(out.ipi.x2apic);
	cr_expect_eq(reg(VAPIC_ICR), 0x41);
	cr_expect_eq(reg(VAPIC_ICR_HIGH), 0x0a000000);
}

Test(xapic, missing_registers_are_errors_not_faults)
{
	cr_expect_eq(vapic_write(&v, 0x2f, 1, &out), VAPIC_DONE);
	cr_expect_eq(vapic_write(&v, VAPIC_SELF_IPI, 0x40, &out), VAPIC_DONE);
	vapic_write(&v, VAPIC_ESR, 0, &out);
	cr_expect_eq(reg(VAPIC_ESR), VAPIC_ERROR_REGISTER);
	cr_expect_eq(vapic_pending(&v), -1);
}

Test(xapic, reserved_bits_are_ignored)
{
	vapic_write(&v, VAPIC_LVT_LINT0, 0xffffffff, &out);
	cr_expect_eq(reg(VAPIC_LVT_LINT0), 0x1a7ff);
	vapic_write(&v, VAPIC_LVT_TIMER, 0xffffffff, &out);
	cr_expect_eq(reg(VAPIC_LVT_TIMER), 0x300ff);
}

Test(xapic, pins_deliver_what_they_are_told_to)
{
	enum vapic_delivery delivery;
	uint8_t vector;

	cr_expect_not(vapic_lint(&v, 0, &delivery, &vector), "masked");
	vapic_write(&v, VAPIC_LVT_LINT0, 0x700, &out);
	vapic_write(&v, VAPIC_LVT_LINT1, 0x400, &out);
	cr_assert(vapic_lint(&v, 0, &delivery, &vector));
	cr_expect_eq(delivery, VAPIC_DELIVER_EXTINT);
	cr_assert(vapic_lint(&v, 1, &delivery, &vector));
	cr_expect_eq(delivery, VAPIC_DELIVER_NMI);
}

Test(xapic, disabling_masks_the_lvts_for_good)
{
	vapic_write(&v, VAPIC_LVT_LINT0, 0x700, &out);
	vapic_write(&v, VAPIC_SVR, 0xff, &out);
	cr_expect_eq(reg(VAPIC_LVT_LINT0), 0x10700);
	vapic_write(&v, VAPIC_LVT_LINT0, 0x700, &out);
	cr_expect_eq(reg(VAPIC_LVT_LINT0), 0x10700);
	vapic_write(&v, VAPIC_SVR, 0x1ff, &out);
	cr_expect_eq(reg(VAPIC_LVT_LINT0), 0x10700);
}

Test(xapic, physical_destinations)
{
	cr_expect(vapic_matches(&v, 5, false, false));
	cr_expect_not(vapic_matches(&v, 4, false, false));
	cr_expect(vapic_matches(&v, 0xff, false, false));
	cr_expect(vapic_matches(&v, 0xffffffff, false, true));
	cr_expect_not(vapic_matches(&v, 0xff, false, true));
}

Test(xapic, logical_destinations)
{
	vapic_write(&v, VAPIC_LDR, 0x24000000, &out);
	cr_expect(vapic_matches(&v, 0x04, true, false), "flat");
	cr_expect(vapic_matches(&v, 0x20, true, false), "flat");
	cr_expect_not(vapic_matches(&v, 0xdb, true, false), "flat");
	cr_expect_not(vapic_matches(&v, 0x124, true, true));
	vapic_write(&v, VAPIC_DFR, 0, &out);
	cr_expect(vapic_matches(&v, 0x2c, true, false), "cluster");
	cr_expect_not(vapic_matches(&v, 0x14, true, false), "cluster");
	cr_expect_not(vapic_matches(&v, 0x23, true, false), "cluster");
	cr_expect(vapic_matches(&v, 0xff, true, false), "all");
}

Test(vapic, logical_destinations)
{
	cr_expect(vapic_matches(&v, 0x20, true, true));
	cr_expect(vapic_matches(&v, 0xffff, true, true));
	cr_expect_not(vapic_matches(&v, 0x10020, true, true), "cluster 1");
	cr_expect_not(vapic_matches(&v, 0x10, true, true));
	cr_expect(vapic_matches(&v, 0xffffffff, true, true));
}

Test(xapic, base_moves_between_the_modes_as_processors_do)
{
	static const struct {
		uint64_t value;
		enum vapic_effect effect;
	} steps[] = {
		{ 0xfee00800, VAPIC_DONE },	/* the BSP bit is not its */
		{ 0xfee00801, VAPIC_FAULT },
		{ 0xfee00400, VAPIC_FAULT },	/* x2APIC, disabled */
		{ UINT64_C(0x1000000fee00800), VAPIC_FAULT },
		{ 0xfec00900, VAPIC_MODE },	/* moves */
		{ 0xfee00d00, VAPIC_MODE },	/* x2APIC */
		{ 0xfee00d00, VAPIC_DONE },
		{ 0xfee00900, VAPIC_FAULT },	/* not straight back */
		{ 0xfee00100, VAPIC_MODE },	/* off */
		{ 0xfee00d00, VAPIC_FAULT },	/* nor straight in */
		{ 0xfee00900, VAPIC_MODE },
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		cr_expect_eq(vapic_set_base(&v, steps[i].value),
		    steps[i].effect, "step %zu", i);
	cr_expect_eq(v.base, 0xfee00900);
}

Test(xapic, disabled_apic_is_nobody)
{
	vapic_post(&v, 0x40, VAPIC_EDGE);
	vapic_set_base(&v, 0xfee00100);
	cr_expect_not(vapic_matches(&v, 5, false, false));
	cr_expect_not(vapic_post(&v, 0x50, VAPIC_EDGE));
	cr_expect_eq(vapic_pending(&v), -1);
	vapic_set_base(&v, 0xfee00900);
	cr_expect_eq(reg(VAPIC_SVR), 0xff, "as after reset");
}

Test(vapic, init_keeps_id_and_mode)
{
	vapic_post(&v, 0x40, VAPIC_LEVEL);
	vapic_write(&v, VAPIC_TPR, 0x20, &out);
	vapic_init(&v);
	cr_expect(vapic_is_x2apic(&v));
	cr_expect_eq(reg(VAPIC_ID), 5);
	cr_expect_eq(reg(VAPIC_LDR), 1u << 5);
	cr_expect_eq(reg(VAPIC_TPR), 0);
	cr_expect_eq(reg(VAPIC_SVR), 0xff);
	cr_expect_eq(vapic_pending(&v), -1);
}

Test(xapic, state_survives_save_and_restore)
{
	struct hv_local_interrupt_controller_state state, again;
	struct vapic copy;

	vapic_write(&v, VAPIC_LDR, 0x24000000, &out);
	vapic_write(&v, VAPIC_LVT_LINT0, 0x700, &out);
	vapic_write(&v, VAPIC_DIVIDE, 3, &out);
	vapic_post(&v, 0x90, VAPIC_LEVEL);
	take(0x90);
	vapic_post(&v, 0xa0, VAPIC_EDGE);
	vapic_save(&v, 1000, &state);
	cr_expect_eq(state.apic_id, 5u << 24);
	cr_expect_eq(state.apic_isr[4], 1u << 16);
	cr_expect_eq(state.apic_irr[5], 1u << 0);
	vapic_setup(&copy, 5, true, 0);
	vapic_restore(&copy, 2000, &state);
	vapic_save(&copy, 2000, &again);
	cr_expect_arr_eq(&state, &again, sizeof(state));
	cr_expect_eq(vapic_pending(&copy), 0xa0);
}

Test(vapic, restore_trusts_nothing)
{
	struct hv_local_interrupt_controller_state state;
	bool level;

	memset(&state, 0xff, sizeof(state));
	vapic_restore(&v, 1000, &state);
	cr_expect_eq(reg(VAPIC_ID), 5);
	cr_expect_eq(reg(VAPIC_LDR), 1u << 5);
	cr_expect_eq(reg(VAPIC_IRR), 0xffff0000);
	cr_expect_eq(reg(VAPIC_LVT_TIMER), 0x300ff);
	for (unsigned int i = 0; i < 240; i++)
		cr_assert_eq(vapic_eoi(&v, &level), 255 - i);
	cr_expect_eq(vapic_eoi(&v, &level), 0);
}

/* Two processors post, the VP's own takes: none is lost, none comes twice. */
struct poster {
	pthread_t thread;
	uint8_t first;
	unsigned int posted;
};

static unsigned int posters_done;

static void *
poster_run(void *arg)
{
	struct poster *p = arg;

	for (unsigned int i = 0; i < 100000; i++)
		p->posted += vapic_post(&v, (uint8_t)(p->first + i % 16),
		    VAPIC_EDGE);
	atomic_fetch_add(&posters_done, 1);
	return NULL;
}

static bool
take_any(void)
{
	int vector = vapic_pending(&v);
	bool level;

	if (vector < 0)
		return false;
	vapic_offer(&v, (uint8_t)vector);
	vapic_accept(&v, (uint8_t)vector);
	vapic_eoi(&v, &level);
	return true;
}

Test(vapic, posts_from_other_processors_are_taken_once)
{
	struct poster posters[2] = { { .first = 0x40 }, { .first = 0x50 } };
	unsigned int taken = 0;

	for (unsigned int i = 0; i < 2; i++)
		pthread_create(&posters[i].thread, NULL, poster_run,
		    &posters[i]);
	while (atomic_load(&posters_done) < 2)
		taken += take_any();
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(posters[i].thread, NULL);
	while (take_any())
		taken++;
	cr_expect_eq(taken, posters[0].posted + posters[1].posted);
}
