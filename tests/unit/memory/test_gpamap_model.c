/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The nested map against a simple model, with random operations and a pool
 * that runs dry. A set of cached translations plays the processors' TLBs: as
 * long as no flush is asked for, none of them may become wrong.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "core/gpamap.h"
#include "machine.h"
#include "x86/svm/svm.h"
#include <tlfs/memory.h>

#define LARGE		4u
#define LARGE_PAGES	512u	/* small ones in a large one */
#define PAGES		(LARGE * LARGE_PAGES)
#define BASE		UINT64_C(0x40200)
#define OVERLAYS	6u
#define STEPS		60000u

struct model_page {
	enum gpamap_state state;
	uint64_t pfn;
	uint32_t perms;
};

struct model_overlay {
	bool set;
	uint32_t index;
	uint32_t perms;
	uint32_t age;
};

static struct model_page model[PAGES];
static struct model_overlay overlays[OVERLAYS];
static struct gpamap_entry tlb[PAGES];
static struct pool pool;
static struct gpamap map;
static uint32_t now;

static uint64_t
random_below(uint64_t n)
{
	static uint64_t state = UINT64_C(0x123456789abcdef1);

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * UINT64_C(0x2545f4914f6cdd1d) >> 33) % n;
}

static uint64_t
overlay_pfn(uint32_t o)
{
	return 0x70000 + o;
}

/* What a guest ought to see at @index. */
static struct gpamap_entry
expected(uint32_t index)
{
	const struct model_overlay *top = NULL;
	struct gpamap_entry e = {
		.state = model[index].state,
		.perms = model[index].perms,
		.page = spa(model[index].pfn << PAGE_SHIFT),
	};

	for (uint32_t o = 0; o < OVERLAYS; o++) {
		if (overlays[o].set && overlays[o].index == index &&
		    (top == NULL || overlays[o].age > top->age))
			top = &overlays[o];
	}
	if (top != NULL)
		e = (struct gpamap_entry){
			.state = GPAMAP_MAPPED,
			.perms = top->perms,
			.overlay = true,
			.page = spa(overlay_pfn((uint32_t)(top - overlays)) <<
			    PAGE_SHIFT),
		};
	return e;
}

static void
check(uint32_t index)
{
	struct gpamap_entry want = expected(index);
	struct gpamap_entry is = gpamap_query(&map, BASE + index);

	cr_assert_eq(is.state, want.state, "page %u, step %u", index, now);
	cr_assert_eq(is.overlay, want.overlay);
	cr_assert_eq(is.perms, want.perms);
	cr_assert_eq(is.page.v, want.page.v, "page %u, step %u: %#lx not %#lx",
	    index, now, is.page.v, want.page.v);
}

/* Every translation that somebody may still use must be a right one. */
static void
check_tlb(const struct gpamap_change *change)
{
	if (change->flush) {
		memset(tlb, 0, sizeof(tlb));
		return;
	}
	for (uint32_t i = 0; i < PAGES; i++) {
		struct gpamap_entry e;

		if (tlb[i].state != GPAMAP_MAPPED)
			continue;
		e = gpamap_query(&map, BASE + i);
		cr_assert_eq(e.state, GPAMAP_MAPPED, "stale %u, step %u", i,
		    now);
		cr_assert_eq(e.page.v, tlb[i].page.v);
		cr_assert_eq(tlb[i].perms & ~e.perms, 0);
	}
}

static uint32_t
random_perms(void)
{
	return GPAMAP_READ | (uint32_t)random_below(4) << 1;
}

static struct model_page
random_page(bool large)
{
	struct model_page p = { .state = GPAMAP_NO_ACCESS };

	if (random_below(3) == 0)
		return p;
	p.state = GPAMAP_MAPPED;
	p.perms = random_perms();
	p.pfn = large ? (1 + random_below(8)) * LARGE_PAGES :
	    0x200 + random_below(0x1000);
	return p;
}

static void
step_small(struct gpamap_change *change)
{
	uint32_t index = (uint32_t)random_below(PAGES);
	struct model_page p = random_page(false);
	enum hv_status status;

	if (random_below(4) == 0) {
		p = (struct model_page){ 0 };
		status = machine_unmap(&map, change, BASE + index);
	} else {
		status = machine_map(&map, change, BASE + index,
		    spa(p.pfn << PAGE_SHIFT), p.perms);
	}
	if (status == HV_SUCCESS)
		model[index] = p;
	else
		cr_assert_eq(status, HV_INSUFFICIENT_MEMORY);
	check(index);
}

/* As a parent does that tells of memory page by page. */
static void
step_run(struct gpamap_change *change)
{
	uint32_t index = (uint32_t)random_below(LARGE) * LARGE_PAGES;

	for (uint32_t i = 0; i < LARGE_PAGES; i++) {
		if (machine_map(&map, change, BASE + index + i, spa(0), 0) !=
		    HV_SUCCESS)
			return;
		model[index + i] = (struct model_page){
			.state = GPAMAP_NO_ACCESS,
		};
	}
}

static void
step_large(struct gpamap_change *change)
{
	uint32_t index = (uint32_t)random_below(LARGE) * LARGE_PAGES;
	struct model_page p = random_page(true);
	enum hv_status status;

	if (random_below(4) == 0) {
		p = (struct model_page){ 0 };
		status = machine_unmap_large(&map, change, BASE + index);
	} else {
		status = machine_map_large(&map, change, BASE + index,
		    spa(p.pfn << PAGE_SHIFT), p.perms);
	}
	cr_assert(status == HV_SUCCESS || status == HV_INSUFFICIENT_MEMORY);
	if (status != HV_SUCCESS)
		return;
	for (uint32_t i = 0; i < LARGE_PAGES; i++) {
		model[index + i] = p;
		if (p.state == GPAMAP_MAPPED)
			p.pfn++;
	}
	check(index);
	check(index + LARGE_PAGES - 1);
}

static void
step_overlay(struct gpamap_change *change)
{
	uint32_t o = (uint32_t)random_below(OVERLAYS);
	struct model_overlay *m = &overlays[o];
	spa_t page = spa(overlay_pfn(o) << PAGE_SHIFT);

	if (m->set) {
		gpamap_overlay_clear(&map, change, page);
		m->set = false;
		check(m->index);
		return;
	}
	m->index = (uint32_t)random_below(3) * 100;
	m->perms = random_perms();
	m->age = now;
	m->set = gpamap_overlay_set(&map, change, BASE + m->index, page,
	    m->perms) == HV_SUCCESS;
	check(m->index);
}

static void
step_access(struct gpamap_change *change)
{
	uint32_t index = (uint32_t)random_below(PAGES);
	uint64_t flags = random_below(HV_GPA_ACCESS_FLAGS_MASK + 1);
	uint64_t clear = HV_GPA_CLEAR_ACCESSED | HV_GPA_CLEAR_DIRTY;
	uint8_t state;

	gpamap_access_state(&map, change, BASE + index, flags);
	state = gpamap_access_state(&map, change, BASE + index, 0);
	check(index);
	if (model[index].state != GPAMAP_MAPPED)
		cr_assert_eq(state, 0);
	else if ((flags & HV_GPA_SET_DIRTY) != 0 && (flags & clear) == 0)
		cr_assert((state & HV_GPA_STATE_DIRTY) != 0);
}

/* Somebody walks the map and remembers what was found. */
static void
step_tlb(void)
{
	for (int i = 0; i < 8; i++) {
		uint32_t index = (uint32_t)random_below(PAGES);

		tlb[index] = gpamap_query(&map, BASE + index);
	}
}

static void
step(void)
{
	struct gpamap_change change = { 0 };
	uint64_t what = random_below(100);

	if (what < 55)
		step_small(&change);
	else if (what < 70)
		step_large(&change);
	else if (what < 82)
		step_overlay(&change);
	else if (what < 92)
		step_access(&change);
	else if (what < 93)
		step_run(&change);
	else
		step_tlb();
	if (now % 16 == 0 || change.flush)
		check_tlb(&change);
	cr_assert(change.flush || change.pages == NULL);
	gpamap_reap(&map, &change);
}

Test(gpamap_model, agrees_with_a_simple_one)
{
	machine_init();
	pool_init(&pool, false);
	/* Too few for all tables at once: some operations must fail. */
	machine_deposit(&pool, 7);
	cr_assert_eq(gpamap_init(&map, &svm_nested_format, &pool), HV_SUCCESS);
	for (now = 1; now <= STEPS; now++) {
		step();
		if (now % 1000 == 0) {
			for (uint32_t i = 0; i < PAGES; i++)
				check(i);
		}
	}
	gpamap_destroy(&map);
	cr_assert_eq(pool_counters(&pool).in_use, 0);
}
