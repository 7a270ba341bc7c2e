/* SPDX-License-Identifier: Apache-2.0 */
/* Which guest pages were accessed and written: GET_GPAP_ACCESS_BITMAP. */
#include <errno.h>
#include <string.h>

#include <tlfs/hypercall.h>
#include <tlfs/memory.h>
#include <tlfs/partition.h>

#include "cases.h"

GUEST_BLOB(touch);
GUEST_BLOB(read_pages);

#define FIRST 0x4u		/* page numbers; the blobs take four */
#define PAGES 8u

static int
bitmap_get(struct guest *g, uint8_t type, uint8_t operation, uint8_t *bits)
{
	struct mshv_access_request r = {
		.type = type,
		.operation = operation,
		.pages = PAGES,
		.gfn = FIRST,
		.bitmap = (uintptr_t)bits,
	};

	*bits = 0xee;
	return ioctl(g->partition, MSHV_GET_GPAP_ACCESS_BITMAP, &r);
}

static int
tracking_set(struct guest *g, uint64_t on)
{
	struct hv_input_set_partition_property in = {
		.property_code = HV_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
		.property_value = on,
	};

	return guest_call(g->partition, HVCALL_SET_PARTITION_PROPERTY, &in,
	    sizeof(in), NULL, 0, NULL, NULL);
}

/* Have all pages present, then none accessed, and run code on the first four. */
static const char *
guest_touches(struct guest *g, int loaded)
{
	uint8_t bits;

	EXPECT_OK(loaded);
	*(uint32_t *)(g->memory + 0x2000) = FIRST * GUEST_PAGE;
	EXPECT_OK(tracking_set(g, 1));
	EXPECT_OK(guest_run(g));
	EXPECT_OK(bitmap_get(g, MSHV_ACCESSED, MSHV_ACCESS_CLEAR, &bits));
	EXPECT_OK(bitmap_get(g, MSHV_ACCESSED, MSHV_ACCESS_CLEAR, &bits));
	EXPECT_EQ(bits, 0);
	EXPECT_OK(guest_set(g, HV_REGISTER_RIP, GUEST_CODE));
	EXPECT_OK(guest_run(g));
	return NULL;
}

static const char *
reads_are_seen_as_accesses(struct guest *g)
{
	const char *why = guest_touches(g, GUEST_LOAD(g, read_pages));
	uint8_t bits;

	if (why != NULL)
		return why;
	EXPECT_OK(bitmap_get(g, MSHV_DIRTY, MSHV_ACCESS_CLEAR, &bits));
	EXPECT_EQ(bits, 0);
	EXPECT_OK(bitmap_get(g, MSHV_ACCESSED, MSHV_ACCESS_CLEAR, &bits));
	EXPECT_EQ(bits, 0x0f);
	return NULL;
}

static const char *
writes_are_seen_as_both(struct guest *g)
{
	const char *why = guest_touches(g, GUEST_LOAD(g, touch));
	uint8_t bits;

	if (why != NULL)
		return why;
	EXPECT_OK(bitmap_get(g, MSHV_DIRTY, MSHV_ACCESS_CLEAR, &bits));
	EXPECT_EQ(bits, 0x0f);
	EXPECT_OK(bitmap_get(g, MSHV_ACCESSED, MSHV_ACCESS_CLEAR, &bits));
	EXPECT_EQ(bits, 0x0f);
	return NULL;
}

static const char *
cleared_ones_are_seen_again(struct guest *g)
{
	const char *why = guest_touches(g, GUEST_LOAD(g, touch));
	uint8_t bits;

	if (why != NULL)
		return why;
	EXPECT_OK(bitmap_get(g, MSHV_DIRTY, MSHV_ACCESS_CLEAR, &bits));
	EXPECT_OK(bitmap_get(g, MSHV_DIRTY, MSHV_ACCESS_CLEAR, &bits));
	EXPECT_EQ(bits, 0);
	EXPECT_OK(guest_set(g, HV_REGISTER_RIP, GUEST_CODE));
	EXPECT_OK(guest_run(g));
	EXPECT_OK(bitmap_get(g, MSHV_DIRTY, MSHV_ACCESS_CLEAR, &bits));
	EXPECT_EQ(bits, 0x0f);
	return NULL;
}

static const char *
set_ones_are_seen(struct guest *g)
{
	const char *why = guest_touches(g, GUEST_LOAD(g, read_pages));
	uint8_t bits;

	if (why != NULL)
		return why;
	EXPECT_OK(bitmap_get(g, MSHV_DIRTY, MSHV_ACCESS_SET, &bits));
	EXPECT_OK(bitmap_get(g, MSHV_DIRTY, MSHV_ACCESS_CLEAR, &bits));
	EXPECT_EQ(bits & 0x0f, 0x0f);
	return NULL;
}

static const char *
the_call_says_the_same(struct guest *g)
{
	struct hv_input_get_gpa_pages_access_state in = {
		.hv_gpa_page_number = FIRST,
	};
	uint8_t states[PAGES];
	uint16_t reps = PAGES;
	const char *why = guest_touches(g, GUEST_LOAD(g, touch));

	if (why != NULL)
		return why;
	EXPECT_OK(guest_call(g->partition, HVCALL_GET_GPA_PAGES_ACCESS_STATES,
	    &in, sizeof(in), states, sizeof(states), &reps, NULL));
	EXPECT_EQ(reps, PAGES);
	for (unsigned i = 0; i < PAGES; i++)
		EXPECT_EQ(states[i], i < 4 ? 3 : 0);
	return NULL;
}

static const char *
bad_requests_are_refused(struct guest *g)
{
	uint8_t bits;
	struct mshv_access_request r = {
		.type = 2,
		.pages = 1,
		.bitmap = (uintptr_t)&bits,
	};

	EXPECT_ERRNO(ioctl(g->partition, MSHV_GET_GPAP_ACCESS_BITMAP, &r),
	    EINVAL);
	r.type = 0;
	r.operation = 3;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_GET_GPAP_ACCESS_BITMAP, &r),
	    EINVAL);
	r.operation = 0;
	r.pages = 0;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_GET_GPAP_ACCESS_BITMAP, &r),
	    EINVAL);
	r.pages = 1;
	r.bitmap = 0;
	EXPECT_ERRNO(ioctl(g->partition, MSHV_GET_GPAP_ACCESS_BITMAP, &r),
	    EINVAL);
	return NULL;
}

static const struct abi_case access_cases[] = {
	{ "reads-are-seen-as-accesses", GUEST_VP,
	    reads_are_seen_as_accesses },
	{ "writes-are-seen-as-both", GUEST_VP, writes_are_seen_as_both },
	{ "cleared-ones-are-seen-again", GUEST_VP,
	    cleared_ones_are_seen_again },
	{ "set-ones-are-seen", GUEST_VP, set_ones_are_seen },
	{ "the-call-says-the-same", GUEST_VP, the_call_says_the_same },
	{ "bad-requests-are-refused", GUEST_MEMORY,
	    bad_requests_are_refused },
};
ABI_GROUP(access);
