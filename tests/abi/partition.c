/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a partition: initialized or not, used again, closed in disorder. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"

static const char *
initializes_once(struct guest *g)
{
	EXPECT_OK(ioctl(g->partition, MSHV_INITIALIZE_PARTITION));
	EXPECT_OK(ioctl(g->partition, MSHV_INITIALIZE_PARTITION));
	return NULL;
}

static const char *
has_no_vp_before(struct guest *g)
{
	int vp = guest_create_vp(g->partition, 0);

	EXPECT(vp < 0, "a VP of a partition that is not initialized");
	return NULL;
}

static const char *
is_closed_uninitialized_with_memory(struct guest *g)
{
	void *memory = guest_memory_new(GUEST_MEMORY_SIZE);

	EXPECT(memory != NULL, "no memory");
	/* The driver maps at once; the hypervisor may refuse so early. */
	(void)guest_map(g->partition, 0, memory, GUEST_MEMORY_SIZE,
	    MSHV_MEMORY_WRITABLE);
	g->memory = memory;
	return NULL;
}

static const char *
is_closed_before_its_vp(struct guest *g)
{
	close(g->partition);
	g->partition = -1;
	guest_remove(g);
	EXPECT_OK(guest_make(g, GUEST_VP));
	return NULL;
}

static const char *
lives_while_a_vp_is_open(struct guest *g)
{
	uint64_t rip;

	close(g->partition);
	g->partition = -1;
	EXPECT_OK(guest_get(g, HV_REGISTER_RIP, &rip));
	EXPECT_EQ(rip, 0xfff0);
	return NULL;
}

static const char *
refuses_unknown_requests(struct guest *g)
{
	EXPECT_ERRNO(ioctl(g->partition, _IO(MSHV_MAGIC, 0x55), 0), ENOTTY);
	EXPECT_ERRNO(ioctl(g->partition, MSHV_RUN_VP, &g->message), ENOTTY);
	return NULL;
}

static const char *
comes_and_goes_fifty_times(struct guest *g)
{
	for (int i = 0; i < 50; i++) {
		guest_remove(g);
		EXPECT_OK(guest_make(g, GUEST_VP));
	}
	return NULL;
}

static const struct abi_case partition_cases[] = {
	{ "initializes-once", GUEST_CREATED, initializes_once },
	{ "has-no-vp-before", GUEST_CREATED, has_no_vp_before },
	{ "is-closed-uninitialized-with-memory", GUEST_CREATED,
	    is_closed_uninitialized_with_memory },
	{ "is-closed-before-its-vp", GUEST_VP, is_closed_before_its_vp },
	{ "lives-while-a-vp-is-open", GUEST_VP, lives_while_a_vp_is_open },
	{ "refuses-unknown-requests", GUEST_INITIALIZED,
	    refuses_unknown_requests },
	{ "comes-and-goes-fifty-times", GUEST_VP, comes_and_goes_fifty_times },
};
ABI_GROUP(partition);
