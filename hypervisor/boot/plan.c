/* SPDX-License-Identifier: Apache-2.0 */
/* Lays out physical memory: how much we keep, and where everything goes. */

#include "boot/plan.h"

/*
 * The parent's processors each take a stack block, a VP page, the vendor's
 * pages and an XSAVE area: some 60 KiB in all.
 */
#define PRIVATE_BASE_PAGES	192
#define PRIVATE_LP_PAGES	20
/* Page tables of the direct map and of the parent's nested map. */
#define PRIVATE_PAGES_PER_GIB	2
#define PRIVATE_HUGE_PAGES	64
#define SHARED_BASE_PAGES	8
#define SHARED_LP_PAGES		4

#define LIMIT_1M		UINT64_C(0x100000)
#define LIMIT_4G		UINT64_C(0x100000000)
/* Below are the interrupt vectors and the firmware's data. */
#define TRAMPOLINE_MIN		UINT64_C(0x1000)
#define TRAMPOLINE_MAX		UINT64_C(0x9f000)

static uint64_t
private_size(const struct plan_input *in)
{
	uint64_t ram_end = memory_map_ram_end(in->memory);
	uint64_t gib = ram_end / SIZE_1G + 4;
	uint64_t pages = PRIVATE_BASE_PAGES +
	    (uint64_t)in->processors * PRIVATE_LP_PAGES;

	/* Two bits for every frame, in two maps. */
	pages += 2 * (ram_end / (PAGE_SIZE * 8) / PAGE_SIZE + 1);

	pages += in->huge_pages ? PRIVATE_HUGE_PAGES :
	    gib * PRIVATE_PAGES_PER_GIB;
	return align_up(pages * PAGE_SIZE, SIZE_2M);
}

/* Finds a place and makes it taken. */
static bool
reserve(struct memory_map *free, const struct memory_request *want,
	uint64_t *at)
{
	return memory_map_find(free, want, at) &&
	    memory_map_paint(free, *at, *at + align_up(want->size, PAGE_SIZE),
		MEMORY_TAKEN);
}

static bool
reserve_kernel(struct memory_map *free, const struct bzimage *k, uint64_t *at)
{
	struct memory_request want = {
		.size = k->init_size,
		.align = k->alignment,
		.min = k->preferred,
		.max = LIMIT_4G,
	};

	/* The lowest place from where it likes to be, else the lowest. */
	if (reserve(free, &want, at))
		return true;
	want.min = LIMIT_1M;
	return reserve(free, &want, at);
}

static bool
take(struct memory_map *map, const struct plan_area *area, uint32_t type)
{
	return memory_map_paint(map, align_down(area->start, PAGE_SIZE),
	    align_up(area->start + area->size, PAGE_SIZE), type);
}

static const char *
find_places(const struct plan_input *in, struct memory_map *free,
	struct plan *out)
{
	struct memory_request own = {
		.size = private_size(in),
		.align = SIZE_2M,
		.min = LIMIT_1M,
		.max = LIMIT_4G,
		.from_top = true,
	};
	struct memory_request low = {
		.size = PAGE_SIZE,
		.align = PAGE_SIZE,
		.min = TRAMPOLINE_MIN,
		.max = TRAMPOLINE_MAX,
		.from_top = true,
	};
	struct memory_request handover = {
		.size = in->handover_size,
		.align = PAGE_SIZE,
		.min = LIMIT_1M,
		.max = LIMIT_4G,
		.from_top = true,
	};

	out->private.size = own.size;
	out->shared.size = PAGE_SIZE * (SHARED_BASE_PAGES +
	    (uint64_t)in->processors * SHARED_LP_PAGES);
	/* The kernel first: it is the one with a wish. */
	if (!reserve_kernel(free, in->kernel, &out->kernel))
		return "too little memory below 4 GiB for the parent kernel";
	own.size += out->shared.size;
	if (!reserve(free, &own, &out->private.start))
		return "too little memory below 4 GiB for the hypervisor";
	out->shared.start = out->private.start + out->private.size;
	if (!reserve(free, &low, &out->trampoline))
		return "no free page below 1 MiB to start processors from";
	if (!reserve(free, &handover, &out->handover))
		return "too little memory below 4 GiB for the hand-over";
	return NULL;
}

const char *
plan_make(const struct plan_input *in, struct plan *out)
{
	/* Serves twice: first to plan with. A map is much for a stack. */
	struct memory_map *map = &out->parent_memory;
	struct plan_area trampoline = { .size = PAGE_SIZE };
	const char *wrong;
	bool ok;

	*map = *in->memory;
	ok = take(map, &in->image, MEMORY_TAKEN);
	for (size_t i = 0; i < PLAN_TAKEN_MAX; i++)
		ok = ok && take(map, &in->taken[i], MEMORY_TAKEN);
	if (!ok)
		return "the memory map has too many entries";
	wrong = find_places(in, map, out);
	if (wrong != NULL)
		return wrong;

	*map = *in->memory;
	trampoline.start = out->trampoline;
	ok = take(map, &in->image, MEMORY_RESERVED) &&
	    take(map, &out->private, MEMORY_RESERVED) &&
	    take(map, &out->shared, MEMORY_RESERVED) &&
	    take(map, &trampoline, MEMORY_RESERVED);
	return ok ? NULL : "the memory map has too many entries";
}
