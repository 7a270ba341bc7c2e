/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts into a guest: asserted by call, and by MSI routes and eventfds. */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <tlfs/hypercall.h>
#include <tlfs/interrupt.h>
#include <tlfs/partition.h>

#include "cases.h"

GUEST_BLOB(interrupts);
GUEST_BLOB(spin);
GUEST_BLOB(nmi);

#define VECTOR 0x40u
#define GSI 5u
#define PORT_READY 0x80
#define PORT_NEWS 0x81
#define MSI_ADDRESS 0xfee00000u
#define COUNTER 0x2000

static int
interrupt_assert(int fd, uint32_t type, uint64_t destination, uint32_t vector)
{
	struct hv_input_assert_virtual_interrupt in = {
		.control = type,
		.dest_addr = destination,
		.vector = vector,
	};

	return guest_call(fd, HVCALL_ASSERT_VIRTUAL_INTERRUPT, &in, sizeof(in),
	    NULL, 0, NULL, NULL);
}

static int
routes_set(struct guest *g, uint32_t count, const struct mshv_route *routes)
{
	struct mshv_routing_request r = { .count = count };

	if (count > 0)
		memcpy(r.routes, routes, count * sizeof(*routes));
	return ioctl(g->partition, MSHV_SET_MSI_ROUTING, &r);
}

static int
route_set(struct guest *g, uint32_t data)
{
	const struct mshv_route route = {
		.gsi = GSI,
		.address_low = MSI_ADDRESS,
		.data = data,
	};

	return routes_set(g, 1, &route);
}

static int
irqfd_set(struct guest *g, int fd, uint32_t gsi, uint32_t flags)
{
	struct mshv_irqfd_request r = {
		.fd = fd,
		.resample_fd = -1,
		.gsi = gsi,
		.flags = flags,
	};

	return ioctl(g->partition, MSHV_IRQFD, &r);
}

static int
event_send(int fd)
{
	const uint64_t one = 1;

	return write(fd, &one, sizeof(one)) == sizeof(one) ? 0 : -1;
}

/* Run up to an OUT to @port, and behind it. */
static const char *
reaches(struct guest *g, uint16_t port)
{
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_IO_PORT_INTERCEPT);
	EXPECT_EQ(guest_io(g)->port_number, port);
	EXPECT_OK(guest_skip_instruction(g));
	return NULL;
}

static const char *
gets_ready(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, interrupts));
	return reaches(g, PORT_READY);
}

static const char *
asserted_one_arrives(struct guest *g)
{
	const char *why = gets_ready(g);

	for (int i = 0; i < 10 && why == NULL; i++) {
		EXPECT_OK(interrupt_assert(g->partition, HV_INTERRUPT_FIXED, 0,
		    VECTOR));
		why = reaches(g, PORT_NEWS);
	}
	return why;
}

struct sender {
	volatile uint32_t *halts;	/* the guest counts its halts here */
	int event;
	unsigned rounds;
};

/* Send when the guest has said that it goes to sleep. */
static void *
sender_run(void *argument)
{
	struct sender *s = argument;

	for (uint32_t i = 1; i <= s->rounds; i++) {
		while (*s->halts < i)
			usleep(100);
		event_send(s->event);
	}
	return NULL;
}

/* After a failure it may wait for a guest that does nothing any more. */
static void
sender_end(pthread_t thread, const char *why)
{
	if (why != NULL)
		pthread_cancel(thread);
	pthread_join(thread, NULL);
}

static const char *
sleeper_is_woken(struct guest *g)
{
	struct sender s = {
		.halts = (volatile uint32_t *)(g->memory + COUNTER),
		.event = eventfd(0, EFD_CLOEXEC),
		.rounds = 100,
	};
	pthread_t thread;
	const char *why = gets_ready(g);

	if (why != NULL)
		return why;
	EXPECT_OK(s.event);
	EXPECT_OK(route_set(g, VECTOR));
	EXPECT_OK(irqfd_set(g, s.event, GSI, 0));
	EXPECT_EQ(pthread_create(&thread, NULL, sender_run, &s), 0);
	for (unsigned i = 0; i < s.rounds && why == NULL; i++)
		why = reaches(g, PORT_NEWS);
	sender_end(thread, why);
	close(s.event);
	return why;
}

/* A VP that never exits by itself is interrupted all the same. */
static const char *
runner_is_interrupted(struct guest *g)
{
	struct sender s = {
		.halts = (volatile uint32_t *)(g->memory + COUNTER),
		.event = eventfd(0, EFD_CLOEXEC),
		.rounds = 1,
	};
	pthread_t thread;
	const char *why;

	EXPECT_OK(s.event);
	EXPECT_OK(GUEST_LOAD(g, spin));
	EXPECT_OK(route_set(g, VECTOR));
	EXPECT_OK(irqfd_set(g, s.event, GSI, 0));
	EXPECT_EQ(pthread_create(&thread, NULL, sender_run, &s), 0);
	why = reaches(g, PORT_NEWS);
	sender_end(thread, why);
	close(s.event);
	return why;
}

static const char *
nmi_arrives(struct guest *g)
{
	const char *why;

	EXPECT_OK(GUEST_LOAD(g, nmi));
	why = reaches(g, PORT_READY);
	if (why != NULL)
		return why;
	EXPECT_OK(interrupt_assert(g->vp, HV_INTERRUPT_NMI, 0, 2));
	return reaches(g, PORT_NEWS);
}

static const char *
bad_asserts_are_refused(struct guest *g)
{
	EXPECT(interrupt_assert(g->partition, HV_INTERRUPT_FIXED, 0, 5) < 0,
	    "vector 5 is taken");
	EXPECT(interrupt_assert(g->partition, HV_INTERRUPT_FIXED, 0,
	    0x100) < 0, "vector 0x100 is taken");
	EXPECT(interrupt_assert(g->partition, 77, 0, VECTOR) < 0,
	    "type 77 is taken");
	return NULL;
}

/* As an irqfd may do it: before there is a VP. The status does not matter. */
static const char *
asserts_without_vp_do_nothing(struct guest *g)
{
	(void)interrupt_assert(g->partition, HV_INTERRUPT_FIXED, 0, VECTOR);
	(void)interrupt_assert(g->partition, HV_INTERRUPT_NMI, 77, 0);
	g->vp = guest_create_vp(g->partition, 0);
	EXPECT_OK(g->vp);
	return NULL;
}

static const char *
clearing_is_harmless(struct guest *g)
{
	struct hv_input_partition in = { 0 };

	EXPECT_OK(guest_call(g->partition, HVCALL_CLEAR_VIRTUAL_INTERRUPT,
	    &in, sizeof(in), NULL, 0, NULL, NULL));
	return NULL;
}

static const char *
irqfd_before_its_route_waits(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);
	const char *why = gets_ready(g);

	if (why != NULL)
		return why;
	EXPECT_OK(event);
	EXPECT_OK(irqfd_set(g, event, GSI, 0));
	EXPECT_OK(route_set(g, VECTOR));
	EXPECT_OK(event_send(event));
	why = reaches(g, PORT_NEWS);
	close(event);
	return why;
}

static const char *
irqfd_is_taken_off(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	uint64_t count;

	EXPECT_OK(event);
	EXPECT_OK(route_set(g, VECTOR));
	EXPECT_OK(irqfd_set(g, event, GSI, 0));
	EXPECT_OK(irqfd_set(g, event, GSI, MSHV_IRQFD_DEASSIGN));
	EXPECT_OK(event_send(event));
	/* Nobody takes the count away any more. */
	EXPECT_EQ(read(event, &count, sizeof(count)), sizeof(count));
	EXPECT_OK(irqfd_set(g, event, GSI, 0));
	close(event);
	return NULL;
}

static const char *
bad_irqfds_are_refused(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);

	EXPECT_OK(event);
	EXPECT_ERRNO(irqfd_set(g, -1, GSI, 0), EBADF);
	EXPECT_ERRNO(irqfd_set(g, g->partition, GSI, 0), EINVAL);
	EXPECT_ERRNO(irqfd_set(g, event, GSI, 0x80), EINVAL);
	EXPECT_OK(irqfd_set(g, event, GSI, 0));
	EXPECT_ERRNO(irqfd_set(g, event, GSI + 1, 0), EBUSY);
	EXPECT_ERRNO(irqfd_set(g, -1, GSI, MSHV_IRQFD_DEASSIGN), EBADF);
	close(event);
	return NULL;
}

static const char *
routes_come_and_go(struct guest *g)
{
	static const struct mshv_route two[] = {
		{ 1, MSI_ADDRESS, 0, 0x41 },
		{ 2, MSI_ADDRESS | 1 << 12, 0, 0x42 },
	};

	EXPECT_OK(routes_set(g, 2, two));
	EXPECT_OK(routes_set(g, 1, two));
	EXPECT_OK(routes_set(g, 0, NULL));
	return NULL;
}

static const char *
bad_routes_are_refused(struct guest *g)
{
	static const struct mshv_route twice[] = {
		{ 1, MSI_ADDRESS, 0, 0x41 },
		{ 1, MSI_ADDRESS, 0, 0x42 },
	};
	static const struct mshv_route high = { 1, MSI_ADDRESS, 1, 0x41 };
	static const struct mshv_route far = { 5000, MSI_ADDRESS, 0, 0x41 };
	struct mshv_routing_request r = { .count = MSHV_ROUTES_MAX + 1 };

	EXPECT_ERRNO(routes_set(g, 2, twice), EINVAL);
	EXPECT_ERRNO(routes_set(g, 1, &high), EINVAL);
	EXPECT_ERRNO(routes_set(g, 1, &far), EINVAL);
	EXPECT_ERRNO(ioctl(g->partition, MSHV_SET_MSI_ROUTING, &r), EINVAL);
	r.count = 1;
	r.reserved = 1;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_SET_MSI_ROUTING, &r), EINVAL);
	return NULL;
}

static const struct abi_case interrupts_cases[] = {
	{ "asserted-one-arrives", GUEST_VP, asserted_one_arrives },
	{ "sleeper-is-woken", GUEST_VP, sleeper_is_woken },
	{ "runner-is-interrupted", GUEST_VP, runner_is_interrupted },
	{ "nmi-arrives", GUEST_VP, nmi_arrives },
	{ "bad-asserts-are-refused", GUEST_VP, bad_asserts_are_refused },
	{ "asserts-without-vp-do-nothing", GUEST_MEMORY,
	    asserts_without_vp_do_nothing },
	{ "clearing-is-harmless", GUEST_VP, clearing_is_harmless },
	{ "irqfd-before-its-route-waits", GUEST_VP,
	    irqfd_before_its_route_waits },
	{ "irqfd-is-taken-off", GUEST_VP, irqfd_is_taken_off },
	{ "bad-irqfds-are-refused", GUEST_VP, bad_irqfds_are_refused },
	{ "routes-come-and-go", GUEST_VP, routes_come_and_go },
	{ "bad-routes-are-refused", GUEST_VP, bad_routes_are_refused },
};
ABI_GROUP(interrupts);
