/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and events that a VMM puts into its guest: POST_MESSAGE_DIRECT. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <tlfs/hypercall.h>
#include <tlfs/interrupt.h>
#include <tlfs/partition.h>
#include <tlfs/synic.h>
#include <tlfs/vp.h>

#include "cases.h"

GUEST_BLOB(interrupts);
GUEST_BLOB(spin);

#define MESSAGES 0x30000u	/* the guest's SIMP and SIEFP pages */
#define EVENTS 0x31000u
#define SINT 2
#define VECTOR 0x40		/* of the handler in the blob */
#define PORT_NEWS 0x81
#define COUNTER 0x2000u		/* of the rounds of the guest that spins */

static int
message_post(struct guest *g, uint32_t vp, uint32_t sint, uint32_t type,
    uint16_t *status)
{
	struct hv_input_post_message_direct in = {
		.vp_index = vp,
		.sint_index = sint,
	};
	struct hv_message m = {
		.header = { .message_type = type, .payload_size = 8 },
		.payload = { 0x1122334455667788 },
	};

	memcpy(in.message, &m, sizeof(m));
	return guest_call(g->partition, HVCALL_POST_MESSAGE_DIRECT, &in,
	    sizeof(in), NULL, 0, NULL, status);
}

static int
event_signal(struct guest *g, uint32_t vp, uint8_t sint, uint16_t flag,
    uint8_t *newly)
{
	struct hv_input_signal_event_direct in = {
		.target_vp = vp,
		.target_sint = sint,
		.flag_number = flag,
	};
	struct hv_output_signal_event_direct out = { .newly_signaled = 77 };
	int result = guest_call(g->partition, HVCALL_SIGNAL_EVENT_DIRECT, &in,
	    sizeof(in), &out, sizeof(out), NULL, NULL);

	if (newly != NULL)
		*newly = out.newly_signaled;
	return result;
}

/* The page of the guest's, which may be an overlay over its memory. */
static uint8_t page_buffer[GUEST_PAGE] __attribute__((aligned(4096)));

static int
page_get(struct guest *g, uint8_t type)
{
	struct mshv_state_request r = {
		.type = type,
		.size = GUEST_PAGE,
		.buffer = (uintptr_t)page_buffer,
	};

	return ioctl(g->vp, MSHV_GET_VP_STATE, &r);
}

static const struct hv_message_page *
messages_get(struct guest *g)
{
	return page_get(g, MSHV_STATE_SIMP) < 0 ? NULL :
	    (const void *)page_buffer;
}

static const struct hv_event_flags_page *
events_get(struct guest *g)
{
	return page_get(g, MSHV_STATE_SIEFP) < 0 ? NULL :
	    (const void *)page_buffer;
}

/* SynIC on, SINT open, and the guest ready to be interrupted. */
static const char *
gets_ready(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, interrupts));
	EXPECT_OK(guest_set(g, HV_REGISTER_SIMP, MESSAGES | 1));
	EXPECT_OK(guest_set(g, HV_REGISTER_SIEFP, EVENTS | 1));
	EXPECT_OK(guest_set(g, HV_REGISTER_SINT0 + SINT, VECTOR));
	EXPECT_OK(guest_set(g, HV_REGISTER_SCONTROL, 1));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->port_number, 0x80);
	EXPECT_OK(guest_skip_instruction(g));
	return NULL;
}

static const char *
message_arrives(struct guest *g)
{
	const char *why = gets_ready(g);
	const struct hv_message_page *page;

	if (why != NULL)
		return why;
	EXPECT_OK(message_post(g, 0, SINT, 1, NULL));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->port_number, PORT_NEWS);
	page = messages_get(g);
	EXPECT(page != NULL, "no message page");
	EXPECT_EQ(page->sint_message[SINT].header.message_type, 1);
	EXPECT_EQ(page->sint_message[SINT].header.payload_size, 8);
	EXPECT_EQ(page->sint_message[SINT].payload[0], 0x1122334455667788);
	return NULL;
}

static const char *
full_slot_is_told(struct guest *g)
{
	const char *why = gets_ready(g);
	const struct hv_message_page *page;
	uint16_t status = 0;

	if (why != NULL)
		return why;
	EXPECT_OK(message_post(g, 0, SINT, 1, NULL));
	if (message_post(g, 0, SINT, 2, &status) < 0)
		EXPECT(status == HV_INSUFFICIENT_BUFFERS ||
		    status == HV_NOT_ACKNOWLEDGED, "status %#x", status);
	page = messages_get(g);
	EXPECT(page != NULL, "no message page");
	EXPECT_EQ(page->sint_message[SINT].header.message_type, 1);
	EXPECT_EQ(page->sint_message[SINT].header.message_flags & 1, 1);
	return NULL;
}

/* Ask to be told of a free slot, as soon as the guest is seen to run. */
static void *
notification_ask(void *argument)
{
	struct guest *g = argument;
	const volatile uint32_t *rounds = (void *)(g->memory + COUNTER);
	struct {
		struct hv_input_set_vp_registers header;
		struct hv_register_assoc element;
	} in = { .element = {
		.name = HV_REGISTER_DELIVERABILITY_NOTIFICATIONS,
		.value.reg64 = UINT64_C(1) <<
		    (HV_DELIVERABILITY_SINT_SHIFT + SINT),
	} };
	uint16_t reps = 1;

	while (*rounds == 0)
		usleep(100);
	/* The VP's own descriptor is taken by who runs it. */
	guest_call(g->partition, HVCALL_SET_VP_REGISTERS, &in, sizeof(in),
	    NULL, 0, &reps, NULL);
	return NULL;
}

static const char *
free_slot_of_a_running_vp_is_told(struct guest *g)
{
	const struct hv_sint_deliverable_message *m =
	    (const void *)g->message.payload;
	pthread_t thread;

	EXPECT_OK(GUEST_LOAD(g, spin));
	EXPECT_OK(guest_set(g, HV_REGISTER_SIMP, MESSAGES | 1));
	EXPECT_OK(guest_set(g, HV_REGISTER_SINT0 + SINT, VECTOR));
	EXPECT_OK(guest_set(g, HV_REGISTER_SCONTROL, 1));
	EXPECT_EQ(pthread_create(&thread, NULL, notification_ask, g), 0);
	/* Without an exit this ends by EINTR. */
	if (guest_run(g) < 0)
		pthread_cancel(thread);
	pthread_join(thread, NULL);
	EXPECT_EQ(g->message.header.message_type,
	    HVMSG_SYNIC_SINT_DELIVERABLE);
	EXPECT_EQ(m->deliverable_sints, 1u << SINT);
	return NULL;
}

static const char *
event_arrives(struct guest *g)
{
	const char *why = gets_ready(g);
	const struct hv_event_flags_page *page;
	uint8_t newly;

	if (why != NULL)
		return why;
	EXPECT_OK(event_signal(g, 0, SINT, 1000, &newly));
	EXPECT_EQ(newly, 1);
	page = events_get(g);
	EXPECT(page != NULL, "no event page");
	EXPECT_EQ(page->sint_event_flags[SINT][1000 / 64],
	    UINT64_C(1) << 1000 % 64);
	EXPECT_OK(event_signal(g, 0, SINT, 1000, &newly));
	EXPECT_EQ(newly, 0);
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->port_number, PORT_NEWS);
	return NULL;
}

/* An eventfd whose line means event flag @flag, as our hypervisor reads it. */
static const char *
event_line(struct guest *g, int event, uint32_t flag)
{
	struct hv_input_get_partition_property in = {
		.property_code = HV_PROPERTY_EVENT_INTERRUPTS,
	};
	uint64_t out;
	struct mshv_routing_request routes = {
		.count = 1,
		.routes[0] = {
			.gsi = flag,
			.address_low = HV_EVENT_INTERRUPT_DEST(flag, 0u) << 12 |
			    0x4,
			.data = HV_EVENT_INTERRUPT_VECTOR(flag) |
			    HV_INTERRUPT_REMOTE_READ << 8,
		},
	};
	struct mshv_irqfd_request line = {
		.fd = event,
		.resample_fd = -1,
		.gsi = flag,
	};

	if (guest_call(g->partition, HVCALL_GET_PARTITION_PROPERTY, &in,
	    sizeof(in), &out, sizeof(out), NULL, NULL) < 0)
		return "skip interrupts cannot be events";
	EXPECT_OK(ioctl(g->partition, MSHV_SET_MSI_ROUTING, &routes));
	EXPECT_OK(ioctl(g->partition, MSHV_IRQFD, &line));
	return NULL;
}

static const char *
eventfd_sets_its_event_flag(struct guest *g)
{
	const uint64_t one = 1;
	int event = eventfd(0, EFD_CLOEXEC);
	const char *why = gets_ready(g);
	const struct hv_event_flags_page *page;

	if (why == NULL)
		why = event_line(g, event, 1000);
	if (why != NULL)
		return why;
	EXPECT_EQ(write(event, &one, sizeof(one)), sizeof(one));
	page = events_get(g);
	EXPECT(page != NULL, "no event page");
	EXPECT_EQ(page->sint_event_flags[SINT][1000 / 64],
	    UINT64_C(1) << 1000 % 64);
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->port_number, PORT_NEWS);
	close(event);
	return NULL;
}

static const char *
bad_targets_are_refused(struct guest *g)
{
	const char *why = gets_ready(g);

	if (why != NULL)
		return why;
	EXPECT(message_post(g, 5, SINT, 1, NULL) < 0, "VP 5");
	EXPECT(message_post(g, 0, 16, 1, NULL) < 0, "SINT 16");
	EXPECT(event_signal(g, 5, SINT, 1, NULL) < 0, "VP 5");
	EXPECT(event_signal(g, 0, 16, 1, NULL) < 0, "SINT 16");
	EXPECT(event_signal(g, 0, SINT, 2048, NULL) < 0, "flag 2048");
	return NULL;
}

static const char *
nothing_arrives_without_synic(struct guest *g)
{
	EXPECT(message_post(g, 0, SINT, 1, NULL) < 0,
	    "a message without a page for it");
	EXPECT(event_signal(g, 0, SINT, 1, NULL) < 0,
	    "an event without a page for it");
	return NULL;
}

static const struct abi_case direct_cases[] = {
	{ "message-arrives", GUEST_VP, message_arrives },
	{ "full-slot-is-told", GUEST_VP, full_slot_is_told },
	{ "free-slot-of-a-running-vp-is-told", GUEST_VP,
	    free_slot_of_a_running_vp_is_told },
	{ "event-arrives", GUEST_VP, event_arrives },
	{ "eventfd-sets-its-event-flag", GUEST_VP,
	    eventfd_sets_its_event_flag },
	{ "bad-targets-are-refused", GUEST_VP, bad_targets_are_refused },
	{ "nothing-arrives-without-synic", GUEST_VP,
	    nothing_arrives_without_synic },
};
ABI_GROUP(direct);
