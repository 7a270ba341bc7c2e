/* SPDX-License-Identifier: Apache-2.0 */
/* The register page and the intercept page of a VP, mapped into the VMM. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "cases.h"

GUEST_BLOB(out8);
GUEST_BLOB(in8);

static void *
page_map(const struct guest *g, long offset)
{
	void *at = mmap(NULL, GUEST_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    g->vp, offset);

	return at == MAP_FAILED ? NULL : at;
}

static const char *
the_intercept_page_is_the_message(struct guest *g)
{
	const void *page = page_map(g, MSHV_MAP_INTERCEPT);

	EXPECT(page != NULL, "mmap: %s", strerrorname_np(errno));
	EXPECT_OK(GUEST_LOAD(g, out8));
	EXPECT_OK(guest_run(g));
	EXPECT(memcmp(page, &g->message, sizeof(g->message)) == 0,
	    "they differ");
	return NULL;
}

static const char *
the_register_page_shows_the_state(struct guest *g)
{
	const struct hv_vp_register_page *page =
	    page_map(g, MSHV_MAP_REGISTERS);

	EXPECT(page != NULL, "mmap: %s", strerrorname_np(errno));
	EXPECT_OK(GUEST_LOAD(g, out8));
	EXPECT_OK(guest_set(g, HV_REGISTER_RDI, 0x1234));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(page->isvalid, 1);
	EXPECT_EQ(page->version, HV_REGISTER_PAGE_VERSION);
	EXPECT_EQ(page->rip, GUEST_CODE + 2);
	EXPECT_EQ(page->gp_registers[7], 0x1234);
	EXPECT_EQ(page->gp_registers[0] & 0xff, 0x42);
	EXPECT_EQ(page->segments[HV_REGISTER_PAGE_CS].base, 0);
	EXPECT_EQ(page->dirty, 0);
	EXPECT_EQ(page->vector_count, 0);
	return NULL;
}

static const char *
the_register_page_changes_the_state(struct guest *g)
{
	struct hv_vp_register_page *page = page_map(g, MSHV_MAP_REGISTERS);

	EXPECT(page != NULL, "mmap: %s", strerrorname_np(errno));
	EXPECT_OK(GUEST_LOAD(g, in8));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(page->isvalid, 1);
	page->gp_registers[0] = 0x66;
	page->rip += 2;
	page->dirty = HV_REGISTER_PAGE_DIRTY_GENERAL |
	    HV_REGISTER_PAGE_DIRTY_IP;
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->port_number, 0x81);
	EXPECT_EQ(guest_io(g)->rax & 0xff, 0x66);
	EXPECT_EQ(page->dirty, 0);
	return NULL;
}

/* What is not marked dirty must not be taken over. */
static const char *
unmarked_changes_are_ignored(struct guest *g)
{
	struct hv_vp_register_page *page = page_map(g, MSHV_MAP_REGISTERS);

	EXPECT(page != NULL, "mmap: %s", strerrorname_np(errno));
	EXPECT_OK(GUEST_LOAD(g, out8));
	EXPECT_OK(guest_run(g));
	page->gp_registers[0] = 0x66;
	page->rip += 2;
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_exit(g)->rip, GUEST_CODE + 2);
	EXPECT_EQ(guest_io(g)->rax & 0xff, 0x42);
	return NULL;
}

/* Whatever a VMM writes there, the worst is its own guest's end. */
static const char *
garbage_hurts_only_the_guest(struct guest *g)
{
	struct hv_vp_register_page *page = page_map(g, MSHV_MAP_REGISTERS);

	EXPECT(page != NULL, "mmap: %s", strerrorname_np(errno));
	EXPECT_OK(GUEST_LOAD(g, out8));
	EXPECT_OK(guest_run(g));
	memset(page, 0xff, sizeof(*page));
	page->vector_count = 0;
	(void)guest_run(g);
	guest_remove(g);
	EXPECT_OK(guest_make(g, GUEST_VP));
	EXPECT_OK(GUEST_LOAD(g, out8));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->rax & 0xff, 0x42);
	return NULL;
}

static const char *
others_are_not_there(struct guest *g)
{
	EXPECT(page_map(g, MSHV_MAP_GHCB) == NULL, "there is a GHCB page");
	EXPECT_EQ(errno, ENODEV);
	EXPECT(page_map(g, 0x3000) == NULL, "there is a fourth page");
	EXPECT_EQ(errno, EINVAL);
	return NULL;
}

static const struct abi_case pages_cases[] = {
	{ "the-intercept-page-is-the-message", GUEST_VP,
	    the_intercept_page_is_the_message },
	{ "the-register-page-shows-the-state", GUEST_VP,
	    the_register_page_shows_the_state },
	{ "the-register-page-changes-the-state", GUEST_VP,
	    the_register_page_changes_the_state },
	{ "unmarked-changes-are-ignored", GUEST_VP,
	    unmarked_changes_are_ignored },
	{ "garbage-hurts-only-the-guest", GUEST_VP,
	    garbage_hurts_only_the_guest },
	{ "others-are-not-there", GUEST_VP, others_are_not_there },
};
ABI_GROUP(pages);
