/* SPDX-License-Identifier: Apache-2.0 */
/* The synthetic interrupt controller of a VP: its MSRs and its pages. */
#ifndef HV_CORE_SYNIC_H
#define HV_CORE_SYNIC_H

#include "core/types.h"
#include <tlfs/synic.h>

/* The pages whose places the guest tells, or we for the parent. */
enum synic_page {
	SYNIC_PAGE_MESSAGES,	/* SIMP */
	SYNIC_PAGE_EVENTS,	/* SIEFP */
	SYNIC_PAGE_RINGS,	/* SIRBP */
	SYNIC_PAGE_ASSIST,	/* VP assist page */
	SYNIC_PAGES,
};

/*
 * Whoever has the VP locks it. The pages are the guest's: it may change them
 * at any time, and nothing here believes them.
 */
struct synic {
	uint64_t scontrol;
	uint64_t page[SYNIC_PAGES];	/* as the MSRs show them */
	uint64_t sint[HV_SINT_COUNT];
	uint8_t ring_head[HV_SINT_COUNT];
	bool pages_fixed;	/* pfns are ours; the guest only enables */
};

/* What the caller has to do after an MSR was written. */
enum synic_effect {
	SYNIC_DONE,		/* nothing */
	SYNIC_FAULT,		/* raise #GP; nothing has changed */
	SYNIC_RETRY,		/* post again what found its slot full */
	SYNIC_PAGE_CHANGED,	/* page @page moved, appeared or went */
};

/* The interrupt that tells the guest of what was delivered. */
struct synic_interrupt {
	bool raise;
	bool auto_eoi;
	uint8_t vector;
};

enum synic_delivery {
	SYNIC_DELIVERED,	/* raise the interrupt, if it says so */
	SYNIC_BUSY,		/* no place; the guest will tell */
	SYNIC_CLOSED,		/* SynIC, page or SINT are off */
};

/* Power-on and INIT. With fixed pages, @pfn tells where; else it is NULL. */
void synic_reset(struct synic *s, const uint64_t pfn[SYNIC_PAGES]);

/* Whether @msr is one of ours: 0x40000073, 80 to 85, 90 to 9f. */
bool synic_has_msr(uint32_t msr);

/* @msr is ours. @page is set for SYNIC_PAGE_CHANGED. */
enum synic_effect synic_write(struct synic *s, uint32_t msr, uint64_t value,
    enum synic_page *page);

/* @msr is ours. */
uint64_t synic_read(const struct synic *s, uint32_t msr);

static inline bool
synic_page_enabled(const struct synic *s, enum synic_page page)
{
	return (s->page[page] & 1) != 0;
}

static inline uint64_t
synic_page_pfn(const struct synic *s, enum synic_page page)
{
	return s->page[page] >> 12;
}

/*
 * Put @msg, which has a type and a payload that fits, into slot @sint <
 * HV_SINT_COUNT of the message page. SYNIC_BUSY leaves the mark in the slot
 * that makes the guest write EOM.
 */
enum synic_delivery synic_post_message(const struct synic *s,
    struct hv_message_page *page, unsigned int sint,
    const struct hv_message *msg, struct synic_interrupt *irq);

/*
 * Set flag @flag < HV_EVENT_FLAGS_COUNT of @sint. One that is set already
 * is delivered and raises nothing; @newly tells the two apart.
 */
enum synic_delivery synic_signal_event(const struct synic *s,
    struct hv_event_flags_page *page, unsigned int sint, unsigned int flag,
    bool *newly, struct synic_interrupt *irq);

/*
 * Append @port (not 0) to the event ring of @sint. @notify: post a
 * HVMSG_SYNIC_SINT_INTERCEPT for it. SYNIC_BUSY: the ring is full;
 * NOTIFY_PORT_RING_EMPTY tells when it no longer is.
 */
enum synic_delivery synic_push_event(struct synic *s,
    struct hv_event_ring_page *page, unsigned int sint, uint32_t port,
    bool *notify);

/* The message that @notify above asks for. */
void synic_notification(struct hv_message *msg, unsigned int sint);

/* The SINTs that could take a message now, a bit each. */
uint16_t synic_deliverable(const struct synic *s,
    const struct hv_message_page *page);

#endif /* HV_CORE_SYNIC_H */
