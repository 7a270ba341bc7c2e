/* SPDX-License-Identifier: Apache-2.0 */
/* Any MSR writes and any page contents against the SynIC. */
#include <string.h>

#include "core/assert.h"
#include "core/synic.h"
#include <tlfs/msr.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct step {
	uint8_t what;
	uint8_t sint;
	uint16_t place;
	uint32_t number;
	uint64_t value;
};

static _Alignas(4096) struct hv_message_page messages;
static _Alignas(4096) struct hv_event_flags_page events;
static _Alignas(4096) struct hv_event_ring_page rings;

static void
post(const struct synic *s, const struct step *step)
{
	struct hv_message msg = { .header = {
		.message_type = step->number | 1,
		.payload_size = (uint8_t)(step->value % 241),
	} };
	struct hv_message *slot = &messages.sint_message[step->sint % 16];
	uint32_t before = slot->header.message_type;
	struct synic_interrupt irq;

	if (synic_post_message(s, &messages, step->sint % 16, &msg, &irq) ==
	    SYNIC_DELIVERED) {
		ASSERT(before == HVMSG_NONE);
		ASSERT(slot->header.message_type == msg.header.message_type);
		ASSERT(irq.vector >= 16);
	} else {
		ASSERT(slot->header.message_type == before);
	}
}

static void
deliver(struct synic *s, const struct step *step)
{
	struct synic_interrupt irq;
	bool flag;

	switch (step->place % 3) {
	case 0:
		post(s, step);
		break;
	case 1:
		synic_signal_event(s, &events, step->sint % 16,
		    step->number % HV_EVENT_FLAGS_COUNT, &flag, &irq);
		break;
	default:
		synic_push_event(s, &rings, step->sint % 16, step->number | 1,
		    &flag);
		ASSERT(s->ring_head[step->sint % 16] < HV_EVENT_RING_ENTRIES);
		break;
	}
}

/* What a guest may do at any time. */
static void
scribble(const struct step *step)
{
	void *pages[] = { &messages, &events, &rings };
	uint8_t *page = pages[step->sint % 3];

	memcpy(page + step->place % 4089, &step->value, sizeof(step->value));
}

static void
run(struct synic *s, const struct step *step)
{
	uint32_t msr = HV_MSR_VP_ASSIST_PAGE + step->number % 0x40;
	enum synic_page page;

	switch (step->what % 4) {
	case 0:
		if (synic_has_msr(msr)) {
			synic_write(s, msr, step->value, &page);
			synic_read(s, msr);
		}
		break;
	case 1:
		synic_write(s, HV_MSR_SINT0 + step->sint % 16, step->value &
		    0x1e00ff, &page);
		break;
	case 2:
		deliver(s, step);
		break;
	default:
		scribble(step);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct synic s;
	struct step step;

	synic_reset(&s, NULL);
	s.scontrol = HV_SCONTROL_ENABLE;
	for (unsigned int i = 0; i < SYNIC_PAGES; i++)
		s.page[i] = HV_PAGE_MSR_ENABLE;
	for (; size >= sizeof(step); size -= sizeof(step)) {
		memcpy(&step, data, sizeof(step));
		data += sizeof(step);
		run(&s, &step);
	}
	return 0;
}
