/* SPDX-License-Identifier: Apache-2.0 */
/* Guest memory: regions that are mapped, that overlap, that go away. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "cases.h"

GUEST_BLOB(touch);
GUEST_BLOB(read_pages);
GUEST_BLOB(jump);

#define AT 0x100000u
#define BIG (8u << 20)
#define RW MSHV_MEMORY_WRITABLE
#define RWX (MSHV_MEMORY_WRITABLE | MSHV_MEMORY_EXECUTABLE)

static const char *
maps_and_unmaps(struct guest *g)
{
	void *m = guest_memory_new(BIG);

	for (int i = 0; i < 10; i++) {
		EXPECT_OK(guest_map(g->partition, AT, m, BIG, RWX));
		EXPECT_OK(guest_unmap(g->partition, AT, m, BIG));
	}
	munmap(m, BIG);
	return NULL;
}

static const char *
refuses_overlaps(struct guest *g)
{
	void *m = guest_memory_new(BIG);

	EXPECT_OK(guest_map(g->partition, AT, m, BIG, RW));
	EXPECT_ERRNO(guest_map(g->partition, AT, m, BIG, RW), EEXIST);
	EXPECT_ERRNO(guest_map(g->partition, AT + BIG - GUEST_PAGE, m,
	    GUEST_PAGE, RW), EEXIST);
	EXPECT_ERRNO(guest_map(g->partition, 0, m, BIG, RW), EEXIST);
	EXPECT_OK(guest_map(g->partition, AT + BIG, m, GUEST_PAGE, RW));
	return NULL;
}

static const char *
refuses_partial_unmaps(struct guest *g)
{
	uint8_t *m = guest_memory_new(BIG);

	EXPECT_OK(guest_map(g->partition, AT, m, BIG, RW));
	EXPECT_ERRNO(guest_unmap(g->partition, AT, m, BIG / 2), EINVAL);
	EXPECT_ERRNO(guest_unmap(g->partition, AT + GUEST_PAGE, m,
	    BIG), EINVAL);
	EXPECT_ERRNO(guest_unmap(g->partition, AT, m + GUEST_PAGE, BIG),
	    EINVAL);
	EXPECT_ERRNO(guest_unmap(g->partition, AT + BIG, m, BIG), ENOENT);
	EXPECT_OK(guest_unmap(g->partition, AT, m, BIG));
	EXPECT_ERRNO(guest_unmap(g->partition, AT, m, BIG), ENOENT);
	munmap(m, BIG);
	return NULL;
}

static const char *
refuses_bad_sizes(struct guest *g)
{
	uint8_t *m = guest_memory_new(BIG);

	EXPECT_ERRNO(guest_map(g->partition, AT, m, 0, RW), EINVAL);
	EXPECT_ERRNO(guest_map(g->partition, AT, m, 100, RW), EINVAL);
	EXPECT_ERRNO(guest_map(g->partition, AT, m + 1, GUEST_PAGE, RW),
	    EINVAL);
	EXPECT_ERRNO(guest_map(g->partition, AT, m, UINT64_MAX & ~0xfffull,
	    RW), EINVAL);
	munmap(m, BIG);
	EXPECT_ERRNO(guest_map(g->partition, AT, m, GUEST_PAGE, RW), EINVAL);
	return NULL;
}

static const char *
refuses_bad_flags(struct guest *g)
{
	struct mshv_memory_request r = {
		.size = GUEST_PAGE,
		.gfn = 0x200,
		.address = (uintptr_t)g->memory,
		.flags = 0x8,
	};

	EXPECT_ERRNO(ioctl(g->partition, MSHV_SET_GUEST_MEMORY, &r), EINVAL);
	r.flags = RW;
	r.reserved[6] = 1;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_SET_GUEST_MEMORY, &r), EINVAL);
	EXPECT_ERRNO(ioctl(g->partition, MSHV_SET_GUEST_MEMORY, NULL), EFAULT);
	return NULL;
}

static const char *
shows_what_the_guest_wrote(struct guest *g)
{
	uint16_t words[4];

	EXPECT_OK(GUEST_LOAD(g, touch));
	*(uint32_t *)(g->memory + 0x2000) = 0x3000;
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_X64_IO_PORT_INTERCEPT);
	for (unsigned i = 0; i < 4; i++)
		memcpy(&words[i], g->memory + 0x3000 + i * 0x1000, 2);
	EXPECT(words[0] == 4 && words[1] == 3 && words[2] == 2 &&
	    words[3] == 1, "%u %u %u %u", words[0], words[1], words[2],
	    words[3]);
	return NULL;
}

/* Pages that the parent takes away and puts back hold the new contents. */
static const char *
follows_the_parents_pages(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, read_pages));
	*(uint32_t *)(g->memory + 0x2000) = 0x3000;
	g->memory[0x6000] = 1;
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->rax & 0xff, 1);
	EXPECT_OK(madvise(g->memory + 0x6000, GUEST_PAGE, MADV_REMOVE));
	g->memory[0x6000] = 2;
	EXPECT_OK(guest_set(g, HV_REGISTER_RIP, GUEST_CODE));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->rax & 0xff, 2);
	return NULL;
}

static const char *
is_unmapped_while_in_use(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, read_pages));
	*(uint32_t *)(g->memory + 0x2000) = 0x3000;
	EXPECT_OK(guest_run(g));
	EXPECT_OK(guest_unmap(g->partition, 0, g->memory, GUEST_MEMORY_SIZE));
	EXPECT_OK(guest_set(g, HV_REGISTER_RIP, GUEST_CODE));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_UNMAPPED_GPA);
	EXPECT_EQ(guest_access(g)->guest_physical_address & ~0xfffull,
	    GUEST_CODE);
	return NULL;
}

/* Memory of 2 MiB pages, where the parent has them, then of small ones. */
static const char *
splits_large_pages(struct guest *g)
{
	uint8_t *m = guest_memory_new(BIG);
	uint8_t *at = (uint8_t *)(((uintptr_t)m + 0x1fffff) & ~0x1fffffull);

	(void)madvise(at, 0x200000, MADV_HUGEPAGE);
	memset(at, 0x11, 0x200000);
	memcpy(at + GUEST_CODE, blob_read_pages,
	    (size_t)(blob_read_pages_end - blob_read_pages));
	EXPECT_OK(guest_unmap(g->partition, 0, g->memory, GUEST_MEMORY_SIZE));
	EXPECT_OK(guest_map(g->partition, 0, at, 0x200000, RWX));
	EXPECT_OK(GUEST_LOAD(g, read_pages));
	*(uint32_t *)(at + 0x2000) = 0x3000;
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->rax & 0xffff, 0x1111);
	/* One page out of the middle. */
	EXPECT_OK(madvise(at + 0x6000, GUEST_PAGE, MADV_REMOVE));
	EXPECT_OK(guest_set(g, HV_REGISTER_RIP, GUEST_CODE));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->rax & 0xffff, 0);
	return NULL;
}

/* Code in a region without the right to execute is told to the VMM. */
static const char *
refuses_to_execute_data(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, jump));
	EXPECT_OK(guest_unmap(g->partition, 0, g->memory, GUEST_MEMORY_SIZE));
	EXPECT_OK(guest_map(g->partition, 0, g->memory, 0x6000, RWX));
	EXPECT_OK(guest_map(g->partition, 0x6000, g->memory + 0x6000,
	    GUEST_PAGE, RW));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_GPA_INTERCEPT);
	EXPECT_EQ(guest_exit(g)->intercept_access_type,
	    HV_INTERCEPT_ACCESS_EXECUTE);
	EXPECT_EQ(guest_access(g)->guest_physical_address, 0x6000);
	return NULL;
}

static const char *
refuses_to_write_what_is_read_only(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, touch));
	*(uint32_t *)(g->memory + 0x2000) = 0x5000;
	EXPECT_OK(guest_unmap(g->partition, 0, g->memory, GUEST_MEMORY_SIZE));
	EXPECT_OK(guest_map(g->partition, 0, g->memory, 0x6000, RWX));
	EXPECT_OK(guest_map(g->partition, 0x6000, g->memory + 0x6000,
	    GUEST_PAGE, MSHV_MEMORY_EXECUTABLE));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(g->message.header.message_type, HVMSG_GPA_INTERCEPT);
	EXPECT_EQ(guest_exit(g)->intercept_access_type,
	    HV_INTERCEPT_ACCESS_WRITE);
	EXPECT_EQ(guest_access(g)->guest_physical_address, 0x6000);
	return NULL;
}

static const struct abi_case memory_cases[] = {
	{ "maps-and-unmaps", GUEST_INITIALIZED, maps_and_unmaps },
	{ "refuses-overlaps", GUEST_INITIALIZED, refuses_overlaps },
	{ "refuses-partial-unmaps", GUEST_INITIALIZED,
	    refuses_partial_unmaps },
	{ "refuses-bad-sizes", GUEST_INITIALIZED, refuses_bad_sizes },
	{ "refuses-bad-flags", GUEST_MEMORY, refuses_bad_flags },
	{ "shows-what-the-guest-wrote", GUEST_VP,
	    shows_what_the_guest_wrote },
	{ "follows-the-parents-pages", GUEST_VP, follows_the_parents_pages },
	{ "is-unmapped-while-in-use", GUEST_VP, is_unmapped_while_in_use },
	{ "splits-large-pages", GUEST_VP, splits_large_pages },
	{ "refuses-to-execute-data", GUEST_VP, refuses_to_execute_data },
	{ "refuses-to-write-what-is-read-only", GUEST_VP,
	    refuses_to_write_what_is_read_only },
};
ABI_GROUP(memory);
