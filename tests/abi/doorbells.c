/* SPDX-License-Identifier: Apache-2.0 */
/* ioeventfds: a guest's store that signals without an exit to the VMM. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "cases.h"

GUEST_BLOB(store);

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

static const struct abi_case doorbells_cases[] = {
	{ "any-value-rings", GUEST_VP, any_value_rings },
	{ "any-size-rings", GUEST_VP, any_size_rings },
	{ "its-value-rings", GUEST_VP, its_value_rings },
	{ "another-value-does-not", GUEST_VP, another_value_does_not },
	{ "another-size-does-not", GUEST_VP, another_size_does_not },
	{ "none-after-it-was-taken-off", GUEST_VP,
	    none_after_it_was_taken_off },
	{ "many-rings-are-none-lost", GUEST_VP, many_rings_are_none_lost },
	{ "bad-ones-are-refused", GUEST_VP, bad_ones_are_refused },
};
ABI_GROUP(doorbells);
