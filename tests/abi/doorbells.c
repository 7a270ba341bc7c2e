/* SPDX-License-Identifier: Apache-2.0 */
/* ioeventfds: a guest's store that signals without an exit to the VMM. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <tlfs/hypercall.h>
#include <tlfs/intercept.h>
#include <tlfs/partition.h>
#include <tlfs/port.h>

#include "cases.h"

GUEST_BLOB(hypercall);
GUEST_BLOB(store);

#define CONNECTION UINT64_C(0x2001)
#define FLAG_SHIFT 32	/* of the flag in the input of SIGNAL_EVENT */
#define AT (GUEST_HOLE + 0x10)	/* blob_store stores the byte 0x55 there */

static int
doorbell_set(struct guest *g, int fd, uint32_t length, uint64_t match,
    uint32_t flags)
{
	struct mshv_ioeventfd_request r = {
		.match = match,
		.address = AT,
		.length = length,
		.fd = fd,
		.flags = flags,
	};

	return ioctl(g->partition, MSHV_IOEVENTFD, &r);
}

/* Does the store ring, and is it done without an exit? */
static const char *
rings(struct guest *g, int event)
{
	struct pollfd p = { .fd = event, .events = POLLIN };

	EXPECT_OK(GUEST_LOAD(g, store));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_IO_PORT_INTERCEPT);
	EXPECT_EQ(poll(&p, 1, 5000), 1);
	return NULL;
}

/* The store goes to the VMM, as if there were no doorbell. */
static const char *
does_not_ring(struct guest *g, int event)
{
	struct pollfd p = { .fd = event, .events = POLLIN };

	EXPECT_OK(GUEST_LOAD(g, store));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_UNMAPPED_GPA);
	EXPECT_EQ(poll(&p, 1, 0), 0);
	return NULL;
}

static const char *
any_value_rings(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);
	const char *why;

	EXPECT_OK(doorbell_set(g, event, 1, 0, 0));
	why = rings(g, event);
	close(event);
	return why;
}

static const char *
any_size_rings(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);
	const char *why;

	EXPECT_OK(doorbell_set(g, event, 0, 0, 0));
	why = rings(g, event);
	close(event);
	return why;
}

static const char *
its_value_rings(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);
	const char *why;

	EXPECT_OK(doorbell_set(g, event, 1, 0x55, MSHV_IOEVENTFD_MATCH));
	why = rings(g, event);
	close(event);
	return why;
}

static const char *
another_value_does_not(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);
	const char *why;

	EXPECT_OK(doorbell_set(g, event, 1, 0x56, MSHV_IOEVENTFD_MATCH));
	why = does_not_ring(g, event);
	close(event);
	return why;
}

static const char *
another_size_does_not(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);
	const char *why;

	EXPECT_OK(doorbell_set(g, event, 4, 0, 0));
	why = does_not_ring(g, event);
	close(event);
	return why;
}

static const char *
none_after_it_was_taken_off(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);
	const char *why;

	for (int i = 0; i < 20; i++) {
		EXPECT_OK(doorbell_set(g, event, 1, 0, 0));
		EXPECT_OK(doorbell_set(g, event, 1, 0,
		    MSHV_IOEVENTFD_DEASSIGN));
	}
	why = does_not_ring(g, event);
	close(event);
	return why;
}

static const char *
many_rings_are_none_lost(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);
	const char *why = NULL;

	EXPECT_OK(doorbell_set(g, event, 1, 0, 0));
	for (int i = 0; i < 200 && why == NULL; i++) {
		uint64_t count;

		why = rings(g, event);
		if (why == NULL)
			EXPECT_EQ(read(event, &count, sizeof(count)),
			    sizeof(count));
	}
	close(event);
	return why;
}

static const char *
bad_ones_are_refused(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);

	EXPECT_ERRNO(doorbell_set(g, event, 3, 0, 0), EINVAL);
	EXPECT_ERRNO(doorbell_set(g, event, 1, 0, 0x80), EINVAL);
	EXPECT_ERRNO(doorbell_set(g, event, 1, 0, MSHV_IOEVENTFD_PORT),
	    EOPNOTSUPP);
	EXPECT_ERRNO(doorbell_set(g, -1, 1, 0, 0), EBADF);
	EXPECT_ERRNO(doorbell_set(g, event, 1, 0, MSHV_IOEVENTFD_DEASSIGN),
	    ENOENT);
	EXPECT_OK(doorbell_set(g, event, 1, 0, 0));
	EXPECT_ERRNO(doorbell_set(g, event, 1, 0, 0), EEXIST);
	close(event);
	return NULL;
}

/* A doorbell in the signal window; or the reason why there is none. */
static const char *
connection_bell(struct guest *g, int event)
{
	struct hv_input_get_partition_property in = {
		.property_code = HV_PROPERTY_SIGNAL_WINDOW,
	};
	uint64_t window;
	struct mshv_ioeventfd_request r = { .fd = event };

	if (guest_call(g->partition, HVCALL_GET_PARTITION_PROPERTY, &in,
	    sizeof(in), &window, sizeof(window), NULL, NULL) < 0)
		return "skip there is no signal window";
	r.address = window + CONNECTION * HV_SIGNAL_WINDOW_STRIDE;
	EXPECT_OK(ioctl(g->partition, MSHV_IOEVENTFD, &r));
	return NULL;
}

/* Have the guest signal; it comes back by its port, or by an intercept. */
static const char *
signals(struct guest *g, uint64_t connection, uint64_t flag)
{
	EXPECT_OK(GUEST_LOAD(g, hypercall));
	EXPECT_OK(guest_set(g, HV_REGISTER_RCX,
	    HVCALL_SIGNAL_EVENT | HV_HYPERCALL_FAST));
	EXPECT_OK(guest_set(g, HV_REGISTER_RDX,
	    connection | flag << FLAG_SHIFT));
	EXPECT_OK(guest_run(g));
	return NULL;
}

static const char *
signal_rings_its_connection(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);
	struct pollfd p = { .fd = event, .events = POLLIN };
	const char *why = connection_bell(g, event);
	uint64_t status;

	if (why == NULL)
		why = signals(g, CONNECTION, 0);
	if (why != NULL)
		return why;
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_IO_PORT_INTERCEPT);
	EXPECT_OK(guest_get(g, HV_REGISTER_RAX, &status));
	EXPECT_EQ(status, HV_SUCCESS);
	EXPECT_EQ(poll(&p, 1, 5000), 1);
	close(event);
	return NULL;
}

static const char *
signal_of_another_connection_does_not(struct guest *g)
{
	int event = eventfd(0, EFD_CLOEXEC);
	struct pollfd p = { .fd = event, .events = POLLIN };
	const char *why = connection_bell(g, event);
	uint64_t status;

	if (why == NULL)
		why = signals(g, CONNECTION + 1, 0);
	if (why != NULL)
		return why;
	EXPECT_OK(guest_get(g, HV_REGISTER_RAX, &status));
	EXPECT_EQ(status, HV_INVALID_CONNECTION_ID);
	EXPECT_EQ(poll(&p, 1, 0), 0);
	close(event);
	return NULL;
}

static const char *
signal_without_a_bell_is_told(struct guest *g)
{
	const struct hv_hypercall_intercept_message *m =
	    (const void *)g->message.payload;
	struct hv_input_install_intercept in = {
		.access_type = HV_INTERCEPT_ACCESS_MASK_EXECUTE,
		.intercept_type = HV_INTERCEPT_TYPE_UNKNOWN_CONNECTION,
	};
	const char *why;

	EXPECT_OK(guest_call(g->partition, HVCALL_INSTALL_INTERCEPT, &in,
	    sizeof(in), NULL, 0, NULL, NULL));
	why = signals(g, CONNECTION, 3);
	if (why != NULL)
		return why;
	EXPECT_EQ(g->message.header.message_type, HVMSG_HYPERCALL_INTERCEPT);
	EXPECT_EQ(m->rcx, HVCALL_SIGNAL_EVENT | HV_HYPERCALL_FAST);
	EXPECT_EQ(m->rdx, CONNECTION | UINT64_C(3) << FLAG_SHIFT);
	return NULL;
}

static const struct abi_case doorbells_cases[] = {
	{ "any-value-rings", GUEST_VP, any_value_rings },
	{ "any-size-rings", GUEST_VP, any_size_rings },
	{ "its-value-rings", GUEST_VP, its_value_rings },
	{ "another-value-does-not", GUEST_VP, another_value_does_not },
	{ "another-size-does-not", GUEST_VP, another_size_does_not },
	{ "none-after-it-was-taken-off", GUEST_VP,
	    none_after_it_was_taken_off },
	{ "many-rings-are-none-lost", GUEST_VP, many_rings_are_none_lost },
	{ "signal-rings-its-connection", GUEST_VP,
	    signal_rings_its_connection },
	{ "signal-of-another-connection-does-not", GUEST_VP,
	    signal_of_another_connection_does_not },
	{ "signal-without-a-bell-is-told", GUEST_VP,
	    signal_without_a_bell_is_told },
	{ "bad-ones-are-refused", GUEST_VP, bad_ones_are_refused },
};
ABI_GROUP(doorbells);
