/* SPDX-License-Identifier: Apache-2.0 */
/* The synthetic interrupt controller. */
#include "core/synic.h"

#include "core/assert.h"
#include "core/atomic.h"
#include "core/string.h"
#include <tlfs/msr.h>

#define SINT_BITS	(HV_SINT_VECTOR_MASK | HV_SINT_MASKED | \
			    HV_SINT_AUTO_EOI | HV_SINT_POLLING | \
			    HV_SINT_AS_INTERCEPT | HV_SINT_PROXY)

void
synic_reset(struct synic *s, const uint64_t pfn[SYNIC_PAGES])
{
	*s = (struct synic){ .pages_fixed = pfn != NULL };
	for (unsigned int i = 0; i < HV_SINT_COUNT; i++)
		s->sint[i] = HV_SINT_RESET;
	if (pfn == NULL)
		return;
	for (unsigned int i = 0; i < SYNIC_PAGES; i++)
		s->page[i] = pfn[i] << HV_PAGE_MSR_PFN_SHIFT;
}

static bool
is_sint(uint32_t msr)
{
	return msr >= HV_MSR_SINT0 && msr <= HV_MSR_SINT15;
}

bool
synic_has_msr(uint32_t msr)
{
	return is_sint(msr) || msr == HV_MSR_VP_ASSIST_PAGE ||
	    (msr >= HV_MSR_SCONTROL && msr <= HV_MSR_SIRBP);
}

/* The page whose MSR @msr is, or SYNIC_PAGES. */
static enum synic_page
page_of_msr(uint32_t msr)
{
	switch (msr) {
	case HV_MSR_SIMP:
		return SYNIC_PAGE_MESSAGES;
	case HV_MSR_SIEFP:
		return SYNIC_PAGE_EVENTS;
	case HV_MSR_SIRBP:
		return SYNIC_PAGE_RINGS;
	case HV_MSR_VP_ASSIST_PAGE:
		return SYNIC_PAGE_ASSIST;
	default:
		return SYNIC_PAGES;
	}
}

static enum synic_effect
page_write(struct synic *s, enum synic_page page, uint64_t value)
{
	uint64_t old = s->page[page];

	if (s->pages_fixed)
		value = (old & HV_PAGE_MSR_PFN_MASK) |
		    (value & ~HV_PAGE_MSR_PFN_MASK);
	s->page[page] = value;
	if (((old ^ value) & (HV_PAGE_MSR_PFN_MASK | HV_PAGE_MSR_ENABLE)) == 0)
		return SYNIC_DONE;
	return SYNIC_PAGE_CHANGED;
}

static enum synic_effect
sint_write(struct synic *s, unsigned int sint, uint64_t value)
{
	if ((value & HV_SINT_MASKED) == 0 &&
	    (value & HV_SINT_VECTOR_MASK) < HV_SINT_FIRST_VECTOR)
		return SYNIC_FAULT;
	s->sint[sint] = value & SINT_BITS;
	/* It may have been masked while something waited for it. */
	return SYNIC_RETRY;
}

enum synic_effect
synic_write(struct synic *s, uint32_t msr, uint64_t value,
    enum synic_page *page)
{
	*page = page_of_msr(msr);
	if (*page != SYNIC_PAGES)
		return page_write(s, *page, value);
	if (is_sint(msr))
		return sint_write(s, msr - HV_MSR_SINT0, value);
	switch (msr) {
	case HV_MSR_SCONTROL:
		s->scontrol = value & HV_SCONTROL_ENABLE;
		return SYNIC_RETRY;
	case HV_MSR_EOM:
		return SYNIC_RETRY;
	default:
		return SYNIC_FAULT;
	}
}

uint64_t
synic_read(const struct synic *s, uint32_t msr)
{
	enum synic_page page = page_of_msr(msr);

	if (page != SYNIC_PAGES)
		return s->page[page];
	if (is_sint(msr))
		return s->sint[msr - HV_MSR_SINT0];
	switch (msr) {
	case HV_MSR_SCONTROL:
		return s->scontrol;
	case HV_MSR_SVERSION:
		return HV_SYNIC_VERSION;
	default:
		return 0;
	}
}

static bool
is_open(const struct synic *s, enum synic_page page, unsigned int sint)
{
	ASSERT(sint < HV_SINT_COUNT);
	return (s->scontrol & HV_SCONTROL_ENABLE) != 0 &&
	    synic_page_enabled(s, page) &&
	    (s->sint[sint] & HV_SINT_MASKED) == 0;
}

static struct synic_interrupt
interrupt_of(uint64_t sint)
{
	return (struct synic_interrupt){
		.raise = (sint & HV_SINT_POLLING) == 0,
		.auto_eoi = (sint & HV_SINT_AUTO_EOI) != 0,
		.vector = (uint8_t)(sint & HV_SINT_VECTOR_MASK),
	};
}

/* Whether @slot is empty; if not, the guest knows that more is coming. */
static bool
slot_claim(struct hv_message *slot)
{
	if (atomic_load(&slot->header.message_type) == HVMSG_NONE)
		return true;
	atomic_fetch_or(&slot->header.message_flags,
	    (uint8_t)HV_MESSAGE_FLAG_PENDING);
	/* It may have emptied the slot before it could see the flag. */
	return atomic_load(&slot->header.message_type) == HVMSG_NONE;
}

enum synic_delivery
synic_post_message(const struct synic *s, struct hv_message_page *page,
    unsigned int sint, const struct hv_message *msg,
    struct synic_interrupt *irq)
{
	struct hv_message *slot = &page->sint_message[sint];
	size_t size = (msg->header.payload_size + 7u) & ~7u;

	if (!is_open(s, SYNIC_PAGE_MESSAGES, sint))
		return SYNIC_CLOSED;
	ASSERT(msg->header.message_type != HVMSG_NONE);
	ASSERT(size <= HV_MESSAGE_PAYLOAD_SIZE);
	if (!slot_claim(slot))
		return SYNIC_BUSY;
	memcpy(slot->payload_bytes, msg->payload_bytes, size);
	slot->header.payload_size = msg->header.payload_size;
	WRITE_ONCE(slot->header.message_flags, 0);
	slot->header.reserved[0] = 0;
	slot->header.reserved[1] = 0;
	slot->header.sender = msg->header.sender;
	/* Last: it makes the message valid. */
	atomic_store(&slot->header.message_type, msg->header.message_type);
	*irq = interrupt_of(s->sint[sint]);
	return SYNIC_DELIVERED;
}

enum synic_delivery
synic_signal_event(const struct synic *s, struct hv_event_flags_page *page,
    unsigned int sint, unsigned int flag, bool *newly,
    struct synic_interrupt *irq)
{
	if (!is_open(s, SYNIC_PAGE_EVENTS, sint))
		return SYNIC_CLOSED;
	ASSERT(flag < HV_EVENT_FLAGS_COUNT);
	*newly = !atomic_bit_set(page->sint_event_flags[sint], flag);
	*irq = interrupt_of(s->sint[sint]);
	irq->raise = irq->raise && *newly;
	return SYNIC_DELIVERED;
}

/* Whether @entry is free; if not, the reader knows that we wait. */
static bool
entry_claim(struct hv_event_ring *ring, uint32_t *entry)
{
	if (atomic_load(entry) == 0)
		return true;
	atomic_swap(&ring->ring_full, (uint8_t)1);
	return atomic_load(entry) == 0;
}

enum synic_delivery
synic_push_event(struct synic *s, struct hv_event_ring_page *page,
    unsigned int sint, uint32_t port, bool *notify)
{
	struct hv_event_ring *ring = &page->sint_event_ring[sint];
	uint32_t *entry;

	if (!is_open(s, SYNIC_PAGE_RINGS, sint))
		return SYNIC_CLOSED;
	ASSERT(port != 0);
	entry = &ring->data[s->ring_head[sint]];
	if (!entry_claim(ring, entry))
		return SYNIC_BUSY;
	atomic_store(entry, port);
	s->ring_head[sint] = (uint8_t)((s->ring_head[sint] + 1) %
	    HV_EVENT_RING_ENTRIES);
	/* The reader unmasks and then looks again, so none is lost. */
	*notify = atomic_swap(&ring->signal_masked, (uint8_t)1) == 0;
	return SYNIC_DELIVERED;
}

void
synic_notification(struct hv_message *msg, unsigned int sint)
{
	*msg = (struct hv_message){
		.header = {
			.message_type = HVMSG_SYNIC_SINT_INTERCEPT,
			.payload_size = sizeof(struct
			    hv_notification_message_payload),
		},
		.payload = { sint },
	};
}

uint16_t
synic_deliverable(const struct synic *s, const struct hv_message_page *page)
{
	uint16_t set = 0;

	for (unsigned int i = 0; i < HV_SINT_COUNT; i++) {
		const struct hv_message *slot = &page->sint_message[i];

		if (is_open(s, SYNIC_PAGE_MESSAGES, i) &&
		    atomic_load(&slot->header.message_type) == HVMSG_NONE)
			set |= (uint16_t)(1u << i);
	}
	return set;
}
