/* SPDX-License-Identifier: Apache-2.0 */
/* TRANSLATE_VIRTUAL_ADDRESS in each paging mode, and what it refuses. */
#include <errno.h>
#include <string.h>

#include <tlfs/hypercall.h>
#include <tlfs/memory.h>

#include "cases.h"

GUEST_BLOB(touch);

#define TABLES 0x3000u		/* four pages of page tables */
#define PAGE_A 0x9000u		/* what they map */
#define PAGE_B 0xa000u
#define PAGE_C 0xb000u
#define PRESENT 1u
#define WRITABLE 2u
#define USER 4u
#define ACCESSED 0x20u
#define LARGE 0x80u

static int
translate(struct guest *g, uint64_t flags, uint64_t gva,
    struct hv_output_translate_virtual_address *out)
{
	struct hv_input_translate_virtual_address in = {
		.control_flags = flags,
		.gva_page = gva / GUEST_PAGE,
	};

	return guest_call(g->vp, HVCALL_TRANSLATE_VIRTUAL_ADDRESS, &in,
	    sizeof(in), out, sizeof(*out), NULL, NULL);
}

static const char *
gives(struct guest *g, uint64_t flags, uint64_t gva, uint32_t code,
    uint64_t gpa)
{
	struct hv_output_translate_virtual_address out;

	EXPECT_OK(translate(g, flags, gva, &out));
	EXPECT_EQ(out.result_code, code);
	if (code == HV_TRANSLATE_SUCCESS)
		EXPECT_EQ(out.gpa_page * GUEST_PAGE, gpa);
	return NULL;
}

/* The hypervisor walks tables only where the guest has been: send it there. */
static int
tables_touch(struct guest *g)
{
	const uint32_t first = TABLES;

	memcpy(g->memory + 0x2000, &first, sizeof(first));
	if (GUEST_LOAD(g, touch) < 0 || guest_run(g) < 0)
		return -1;
	memset(g->memory + TABLES, 0, 4 * GUEST_PAGE);
	return 0;
}

/*
 * Four levels: 0x400000 to page A, 0x401000 read-only to B, 0x402000 to C for
 * user mode, but not to execute; 0x600000 to where nothing is.
 */
static int
long_mode_enter(struct guest *g)
{
	uint64_t *table = (uint64_t *)(g->memory + TABLES);

	if (tables_touch(g) < 0)
		return -1;
	for (unsigned level = 0; level < 3; level++)
		table[level * 512] = (TABLES + (level + 1) * GUEST_PAGE) |
		    PRESENT | WRITABLE | USER;
	table[2 * 512 + 2] = table[2 * 512];
	table[2 * 512 + 3] = 0x200000 | PRESENT | WRITABLE | LARGE;
	table[3 * 512 + 0] = PAGE_A | PRESENT | WRITABLE;
	table[3 * 512 + 1] = PAGE_B | PRESENT;
	table[3 * 512 + 2] = PAGE_C | PRESENT | USER | UINT64_C(1) << 63;
	if (guest_set(g, HV_REGISTER_CR3, TABLES) < 0 ||
	    guest_set(g, HV_REGISTER_CR4, 0x20) < 0 ||
	    guest_set(g, HV_REGISTER_EFER, 0xd00) < 0)
		return -1;
	return guest_set(g, HV_REGISTER_CR0, 0x80010011);
}

static const char *
without_paging_it_is_the_same(struct guest *g)
{
	const char *why = gives(g, HV_TRANSLATE_READ, 0x5000,
	    HV_TRANSLATE_SUCCESS, 0x5000);

	return why != NULL ? why : gives(g, HV_TRANSLATE_WRITE, 0x7f000,
	    HV_TRANSLATE_SUCCESS, 0x7f000);
}

static const char *
four_levels_are_walked(struct guest *g)
{
	const char *why;

	EXPECT_OK(long_mode_enter(g));
	why = gives(g, HV_TRANSLATE_READ, 0x400000, HV_TRANSLATE_SUCCESS,
	    PAGE_A);
	if (why == NULL)
		why = gives(g, HV_TRANSLATE_WRITE, 0x400000,
		    HV_TRANSLATE_SUCCESS, PAGE_A);
	return why;
}

static const char *
absent_pages_are_told(struct guest *g)
{
	const char *why;

	EXPECT_OK(long_mode_enter(g));
	why = gives(g, HV_TRANSLATE_READ, 0x403000,
	    HV_TRANSLATE_PAGE_NOT_PRESENT, 0);
	return why != NULL ? why : gives(g, HV_TRANSLATE_READ,
	    UINT64_C(0x700000000000), HV_TRANSLATE_PAGE_NOT_PRESENT, 0);
}

static const char *
rights_are_told(struct guest *g)
{
	const char *why;

	EXPECT_OK(long_mode_enter(g));
	why = gives(g, HV_TRANSLATE_WRITE, 0x401000,
	    HV_TRANSLATE_PRIVILEGE_VIOLATION, 0);
	if (why == NULL)
		why = gives(g, HV_TRANSLATE_EXECUTE, 0x402000,
		    HV_TRANSLATE_PRIVILEGE_VIOLATION, 0);
	if (why == NULL)
		why = gives(g, HV_TRANSLATE_READ | HV_TRANSLATE_USER, 0x400000,
		    HV_TRANSLATE_PRIVILEGE_VIOLATION, 0);
	if (why == NULL)
		why = gives(g, HV_TRANSLATE_READ | HV_TRANSLATE_USER, 0x402000,
		    HV_TRANSLATE_SUCCESS, PAGE_C);
	return why;
}

static const char *
nothing_behind_is_told(struct guest *g)
{
	EXPECT_OK(long_mode_enter(g));
	return gives(g, HV_TRANSLATE_READ, 0x600000, HV_TRANSLATE_GPA_UNMAPPED,
	    0);
}

static const char *
bits_are_set_when_asked(struct guest *g)
{
	const uint64_t *entry =
	    (const uint64_t *)(g->memory + TABLES + 3 * GUEST_PAGE);
	const char *why;

	EXPECT_OK(long_mode_enter(g));
	why = gives(g, HV_TRANSLATE_READ, 0x400000, HV_TRANSLATE_SUCCESS,
	    PAGE_A);
	if (why != NULL)
		return why;
	EXPECT_EQ(*entry & ACCESSED, 0);
	why = gives(g, HV_TRANSLATE_READ | HV_TRANSLATE_SET_PAGE_BITS,
	    0x400000, HV_TRANSLATE_SUCCESS, PAGE_A);
	if (why != NULL)
		return why;
	EXPECT_EQ(*entry & ACCESSED, ACCESSED);
	return NULL;
}

static const char *
two_levels_are_walked(struct guest *g)
{
	uint32_t *table = (uint32_t *)(g->memory + TABLES);
	const char *why;

	EXPECT_OK(tables_touch(g));
	table[1] = (TABLES + GUEST_PAGE) | PRESENT | WRITABLE;
	table[1024 + 3] = 0x9000 | PRESENT | WRITABLE;
	EXPECT_OK(guest_set(g, HV_REGISTER_CR3, TABLES));
	EXPECT_OK(guest_set(g, HV_REGISTER_CR0, 0x80000011));
	why = gives(g, HV_TRANSLATE_READ | HV_TRANSLATE_SET_PAGE_BITS,
	    0x403000, HV_TRANSLATE_SUCCESS, 0x9000);
	EXPECT_EQ(table[1024 + 3], 0x9000 | PRESENT | WRITABLE | ACCESSED);
	EXPECT_EQ(table[1024 + 4], 0);
	return why;
}

/* The entries of the top level have no bits to set: they are reserved. */
static const char *
three_levels_are_walked(struct guest *g)
{
	uint64_t *table = (uint64_t *)(g->memory + TABLES);
	const char *why;

	EXPECT_OK(tables_touch(g));
	table[0] = (TABLES + GUEST_PAGE) | PRESENT;
	table[512 + 2] = (TABLES + 2 * GUEST_PAGE) | PRESENT | WRITABLE;
	table[2 * 512 + 3] = 0x9000 | PRESENT | WRITABLE;
	EXPECT_OK(guest_set(g, HV_REGISTER_CR3, TABLES));
	EXPECT_OK(guest_set(g, HV_REGISTER_CR4, 0x20));
	EXPECT_OK(guest_set(g, HV_REGISTER_CR0, 0x80000011));
	why = gives(g, HV_TRANSLATE_READ | HV_TRANSLATE_SET_PAGE_BITS,
	    0x403000, HV_TRANSLATE_SUCCESS, 0x9000);
	EXPECT_EQ(table[0], (TABLES + GUEST_PAGE) | PRESENT);
	EXPECT_EQ(table[512 + 2] & ACCESSED, ACCESSED);
	EXPECT_EQ(table[2 * 512 + 3] & ACCESSED, ACCESSED);
	return why;
}

/* Page tables that point into themselves, or nowhere, end the walk. */
static const char *
bad_tables_are_survived(struct guest *g)
{
	struct hv_output_translate_virtual_address out;
	uint64_t *table = (uint64_t *)(g->memory + TABLES);

	EXPECT_OK(long_mode_enter(g));
	table[0] = TABLES | PRESENT;
	(void)translate(g, HV_TRANSLATE_READ, 0, &out);
	table[0] = UINT64_C(0xfffffffffff000) | PRESENT;
	(void)translate(g, HV_TRANSLATE_READ, 0, &out);
	EXPECT_OK(guest_set(g, HV_REGISTER_CR3, UINT64_C(0x123456789000)));
	(void)translate(g, HV_TRANSLATE_READ, 0, &out);
	EXPECT_OK(guest_set(g, HV_REGISTER_CR3, TABLES));
	EXPECT_OK(long_mode_enter(g));
	return gives(g, HV_TRANSLATE_READ, 0x400000, HV_TRANSLATE_SUCCESS,
	    PAGE_A);
}

static const struct abi_case translate_cases[] = {
	{ "without-paging-it-is-the-same", GUEST_VP,
	    without_paging_it_is_the_same },
	{ "four-levels-are-walked", GUEST_VP, four_levels_are_walked },
	{ "absent-pages-are-told", GUEST_VP, absent_pages_are_told },
	{ "rights-are-told", GUEST_VP, rights_are_told },
	{ "nothing-behind-is-told", GUEST_VP, nothing_behind_is_told },
	{ "bits-are-set-when-asked", GUEST_VP, bits_are_set_when_asked },
	{ "two-levels-are-walked", GUEST_VP, two_levels_are_walked },
	{ "three-levels-are-walked", GUEST_VP, three_levels_are_walked },
	{ "bad-tables-are-survived", GUEST_VP, bad_tables_are_survived },
};
ABI_GROUP(translate);
