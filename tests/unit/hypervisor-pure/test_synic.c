/* SPDX-License-Identifier: Apache-2.0 */
/* SynIC: its MSRs, message slots, event flags and event rings. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "core/atomic.h"
#include "core/synic.h"
#include <tlfs/msr.h>

static struct synic s;
static struct synic_interrupt irq;
static struct hv_message_page messages;
static struct hv_event_flags_page events;
static struct hv_event_ring_page rings;

static enum synic_effect
write_msr(uint32_t msr, uint64_t value)
{
	enum synic_page page;

	return synic_write(&s, msr, value, &page);
}

static void
setup(void)
{
	synic_reset(&s, NULL);
	write_msr(HV_MSR_SCONTROL, 1);
	write_msr(HV_MSR_SIMP, 0x1001);
	write_msr(HV_MSR_SIEFP, 0x2001);
	write_msr(HV_MSR_SIRBP, 0x3001);
	write_msr(HV_MSR_SINT0, 0xf3);
	write_msr(HV_MSR_SINT0 + 5, 0x800f3);
}

static struct hv_message
message(uint32_t type, uint8_t size)
{
	struct hv_message m = { .header = {
		.message_type = type,
		.payload_size = size,
		.sender = 0x1234,
	} };

	memset(m.payload_bytes, 0xa5, sizeof(m.payload_bytes));
	return m;
}

TestSuite(synic, .init = setup);

Test(synic, knows_its_msrs)
{
	cr_expect(synic_has_msr(HV_MSR_VP_ASSIST_PAGE));
	cr_expect(synic_has_msr(HV_MSR_SCONTROL));
	cr_expect(synic_has_msr(HV_MSR_SIRBP));
	cr_expect(synic_has_msr(HV_MSR_SINT15));
	cr_expect_not(synic_has_msr(HV_MSR_TPR));
	cr_expect_not(synic_has_msr(HV_MSR_SIRBP + 1));
	cr_expect_not(synic_has_msr(HV_MSR_SINT15 + 1));
}

Test(synic, reset_masks_every_sint)
{
	synic_reset(&s, NULL);
	for (uint32_t i = 0; i < HV_SINT_COUNT; i++)
		cr_expect_eq(synic_read(&s, HV_MSR_SINT0 + i), 0x10000);
	cr_expect_eq(synic_read(&s, HV_MSR_SCONTROL), 0);
	cr_expect_eq(synic_read(&s, HV_MSR_SVERSION), 1);
}

Test(synic, guest_places_its_pages)
{
	enum synic_page page = SYNIC_PAGES;

	synic_reset(&s, NULL);
	cr_expect_eq(synic_write(&s, HV_MSR_SIMP, 0x123456001, &page),
	    SYNIC_PAGE_CHANGED);
	cr_expect_eq(page, SYNIC_PAGE_MESSAGES);
	cr_expect(synic_page_enabled(&s, page));
	cr_expect_eq(synic_page_pfn(&s, page), 0x123456);
	cr_expect_eq(synic_read(&s, HV_MSR_SIMP), 0x123456001);
	cr_expect_eq(synic_write(&s, HV_MSR_SIMP, 0x123456001, &page),
	    SYNIC_DONE, "nothing changed");
}

Test(synic, fixed_pages_stay_where_they_are)
{
	static const uint64_t pfn[SYNIC_PAGES] = { 0x10, 0x11, 0x12, 0x13 };
	enum synic_page page;

	synic_reset(&s, pfn);
	cr_expect_eq(synic_read(&s, HV_MSR_SIMP), 0x10000, "before enabled");
	cr_expect_eq(synic_read(&s, HV_MSR_SIEFP), 0x11000);
	cr_expect_eq(synic_read(&s, HV_MSR_SIRBP), 0x12000);
	cr_expect_eq(synic_read(&s, HV_MSR_VP_ASSIST_PAGE), 0x13000);
	cr_expect_eq(synic_write(&s, HV_MSR_SIMP, 0x10001, &page),
	    SYNIC_PAGE_CHANGED);
	cr_expect_eq(synic_write(&s, HV_MSR_SIMP, 0x999001, &page),
	    SYNIC_DONE);
	cr_expect_eq(synic_read(&s, HV_MSR_SIMP), 0x10001);
	cr_expect_eq(synic_write(&s, HV_MSR_SIMP, 0, &page),
	    SYNIC_PAGE_CHANGED);
	cr_expect_eq(synic_read(&s, HV_MSR_SIMP), 0x10000, "pfn is kept");
}

Test(synic, refuses_vectors_that_are_exceptions)
{
	cr_expect_eq(write_msr(HV_MSR_SINT0, 15), SYNIC_FAULT);
	cr_expect_eq(synic_read(&s, HV_MSR_SINT0), 0xf3, "unchanged");
	cr_expect_eq(write_msr(HV_MSR_SINT0, 0x10000), SYNIC_RETRY);
	cr_expect_eq(write_msr(HV_MSR_SINT0, 16), SYNIC_RETRY);
	cr_expect_eq(write_msr(HV_MSR_SVERSION, 1), SYNIC_FAULT);
}

Test(synic, eom_and_unmasking_ask_for_a_retry)
{
	cr_expect_eq(write_msr(HV_MSR_EOM, 0), SYNIC_RETRY);
	cr_expect_eq(write_msr(HV_MSR_SCONTROL, 1), SYNIC_RETRY);
	cr_expect_eq(synic_read(&s, HV_MSR_EOM), 0);
}

Test(synic, message_lands_in_its_slot)
{
	struct hv_message m = message(HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 240);

	m.header.message_flags = 0xff;
	cr_assert_eq(synic_post_message(&s, &messages, 5, &m, &irq),
	    SYNIC_DELIVERED);
	cr_expect(irq.raise);
	cr_expect_eq(irq.vector, 0xf3);
	cr_expect_not(irq.auto_eoi);
	m.header.message_flags = 0;
	cr_expect_arr_eq(&messages.sint_message[5], &m, sizeof(m));
	cr_expect_eq(messages.sint_message[4].header.message_type, 0);
}

Test(synic, full_slot_asks_for_eom)
{
	struct hv_message *slot = &messages.sint_message[0];
	struct hv_message m = message(1, 8);

	synic_post_message(&s, &messages, 0, &m, &irq);
	m.header.message_type = 2;
	cr_expect_eq(synic_post_message(&s, &messages, 0, &m, &irq),
	    SYNIC_BUSY);
	cr_expect_eq(slot->header.message_type, 1, "the first stays");
	cr_expect_eq(slot->header.message_flags, HV_MESSAGE_FLAG_PENDING);
	slot->header.message_type = HVMSG_NONE;
	cr_expect_eq(synic_post_message(&s, &messages, 0, &m, &irq),
	    SYNIC_DELIVERED);
	cr_expect_eq(slot->header.message_flags, 0);
}

Test(synic, nothing_is_written_when_something_is_off)
{
	static const struct hv_message_page zero;
	struct hv_message m = message(1, 8);

	write_msr(HV_MSR_SINT0, 0x100f3);
	cr_expect_eq(synic_post_message(&s, &messages, 0, &m, &irq),
	    SYNIC_CLOSED, "masked");
	setup();
	write_msr(HV_MSR_SCONTROL, 0);
	cr_expect_eq(synic_post_message(&s, &messages, 0, &m, &irq),
	    SYNIC_CLOSED, "SynIC off");
	setup();
	write_msr(HV_MSR_SIMP, 0x1000);
	cr_expect_eq(synic_post_message(&s, &messages, 0, &m, &irq),
	    SYNIC_CLOSED, "page off");
	cr_expect_arr_eq(&messages, &zero, sizeof(zero));
}

Test(synic, polling_and_auto_eoi_are_passed_on)
{
	struct hv_message m = message(1, 8);

	write_msr(HV_MSR_SINT0 + 1, 0x40055);
	synic_post_message(&s, &messages, 1, &m, &irq);
	cr_expect_not(irq.raise);
	write_msr(HV_MSR_SINT0 + 2, 0x20056);
	synic_post_message(&s, &messages, 2, &m, &irq);
	cr_expect(irq.raise);
	cr_expect(irq.auto_eoi);
	cr_expect_eq(irq.vector, 0x56);
}

#define MESSAGES 5000u

/* A guest that takes @messages as fast as it can and trusts the protocol. */
struct reader {
	unsigned int taken;
	unsigned int eoms;
	bool stop;
};

static void *
reader_run(void *arg)
{
	struct hv_message *slot = &messages.sint_message[0];
	struct reader *r = arg;

	while (!atomic_load(&r->stop)) {
		if (atomic_load(&slot->header.message_type) == HVMSG_NONE) {
			sched_yield();
			continue;
		}
		r->taken++;
		atomic_store(&slot->header.message_type, HVMSG_NONE);
		atomic_fence();
		if ((READ_ONCE(slot->header.message_flags) & 1) != 0)
			atomic_fetch_add(&r->eoms, 1);
	}
	return NULL;
}

Test(synic, no_message_is_stuck_behind_a_busy_slot)
{
	struct hv_message m = message(1, 8);
	struct reader r = { 0 };
	pthread_t thread;

	pthread_create(&thread, NULL, reader_run, &r);
	for (unsigned int i = 0; i < MESSAGES; i++) {
		unsigned int eoms = atomic_load(&r.eoms);

		if (synic_post_message(&s, &messages, 0, &m, &irq) !=
		    SYNIC_BUSY)
			continue;
		/* A hang here is a lost EOM: the test times out. */
		while (atomic_load(&r.eoms) == eoms)
			sched_yield();
		while (synic_post_message(&s, &messages, 0, &m, &irq) ==
		    SYNIC_BUSY)
			sched_yield();
	}
	while (atomic_load(&messages.sint_message[0].header.message_type) != 0)
		sched_yield();
	atomic_store(&r.stop, true);
	pthread_join(thread, NULL);
	cr_expect_eq(r.taken, MESSAGES);
}

Test(synic, event_flag_raises_once)
{
	bool newly;

	cr_assert_eq(synic_signal_event(&s, &events, 0, 2047, &newly, &irq),
	    SYNIC_DELIVERED);
	cr_expect(newly);
	cr_expect(irq.raise);
	cr_expect_eq(events.sint_event_flags[0][31], UINT64_C(1) << 63);
	synic_signal_event(&s, &events, 0, 2047, &newly, &irq);
	cr_expect_not(newly);
	cr_expect_not(irq.raise);
	write_msr(HV_MSR_SIEFP, 0);
	cr_expect_eq(synic_signal_event(&s, &events, 0, 0, &newly, &irq),
	    SYNIC_CLOSED);
}

Test(synic, ring_notifies_until_masked)
{
	struct hv_event_ring *ring = &rings.sint_event_ring[5];
	bool notify;

	cr_assert_eq(synic_push_event(&s, &rings, 5, 7, &notify),
	    SYNIC_DELIVERED);
	cr_expect(notify);
	cr_expect_eq(ring->signal_masked, 1);
	synic_push_event(&s, &rings, 5, 8, &notify);
	cr_expect_not(notify);
	cr_expect_eq(ring->data[0], 7);
	cr_expect_eq(ring->data[1], 8);
	ring->signal_masked = 0;
	synic_push_event(&s, &rings, 5, 9, &notify);
	cr_expect(notify);
}

Test(synic, full_ring_loses_nothing)
{
	struct hv_event_ring *ring = &rings.sint_event_ring[5];
	bool notify;

	for (uint32_t i = 0; i < HV_EVENT_RING_ENTRIES; i++)
		cr_assert_eq(synic_push_event(&s, &rings, 5, i + 1, &notify),
		    SYNIC_DELIVERED);
	cr_expect_eq(ring->ring_full, 0);
	cr_expect_eq(synic_push_event(&s, &rings, 5, 99, &notify), SYNIC_BUSY);
	cr_expect_eq(ring->ring_full, 1);
	cr_expect_eq(ring->data[0], 1, "the oldest stays");
	ring->data[0] = 0;
	cr_expect_eq(synic_push_event(&s, &rings, 5, 99, &notify),
	    SYNIC_DELIVERED);
	cr_expect_eq(ring->data[0], 99, "wraps at 63");
}

Test(synic, ring_goes_on_after_the_page_was_off)
{
	struct hv_event_ring *ring = &rings.sint_event_ring[5];
	bool notify;

	synic_push_event(&s, &rings, 5, 7, &notify);
	write_msr(HV_MSR_SIRBP, 0);
	cr_expect_eq(synic_push_event(&s, &rings, 5, 8, &notify),
	    SYNIC_CLOSED);
	write_msr(HV_MSR_SIRBP, 0x3001);
	synic_push_event(&s, &rings, 5, 8, &notify);
	cr_expect_eq(ring->data[1], 8);
}

Test(synic, notification_names_the_sint)
{
	struct hv_message m;

	synic_notification(&m, 5);
	cr_expect_eq(m.header.message_type, HVMSG_SYNIC_SINT_INTERCEPT);
	cr_expect_eq(m.header.payload_size, 4);
	cr_expect_eq(m.payload[0], 5);
}

Test(synic, deliverable_is_open_and_empty)
{
	struct hv_message m = message(1, 8);

	cr_expect_eq(synic_deliverable(&s, &messages), 1u << 0 | 1u << 5);
	synic_post_message(&s, &messages, 0, &m, &irq);
	cr_expect_eq(synic_deliverable(&s, &messages), 1u << 5);
}
