/* SPDX-License-Identifier: Apache-2.0 */
/* Hands out the hypervisor's own pages, from the bottom up. */

#include "boot/pages.h"

#include "boot/boot.h"
#include "core/assert.h"
#include "core/atomic.h"
#include "core/memory_access.h"
#include "core/string.h"

/* Image, private pages, trampoline. */
#define REGION_COUNT	3

struct supply {
	uint64_t next;		/* atomic */
	uint64_t end;
};

static struct supply private_pages;
static struct supply shared_pages;
static struct hv_region region[REGION_COUNT];
static size_t pages_total;
static spa_t ram_end;

static struct hv_region
region_of(uint64_t start, uint64_t size)
{
	return (struct hv_region){ spa(align_down(start, PAGE_SIZE)),
	    spa(align_up(start + size, PAGE_SIZE)) };
}

static void
regions_sort(void)
{
	size_t j;

	for (size_t i = 1; i < REGION_COUNT; i++)
		for (j = i; j > 0 &&
		    region[j].start.v < region[j - 1].start.v; j--) {
			struct hv_region r = region[j];

			region[j] = region[j - 1];
			region[j - 1] = r;
		}
}

void
pages_init(const struct plan *plan, const struct plan_area *image,
	uint64_t top)
{
	private_pages = (struct supply){ plan->private.start,
	    plan->private.start + plan->private.size };
	shared_pages = (struct supply){ plan->shared.start,
	    plan->shared.start + plan->shared.size };
	region[0] = region_of(image->start, image->size);
	region[1] = region_of(plan->private.start, plan->private.size);
	region[2] = region_of(plan->trampoline, PAGE_SIZE);
	regions_sort();
	pages_total = plan->private.size / PAGE_SIZE;
	ram_end = spa(top);
}

/* 0 if it has no @size bytes left; what alignment skips is lost. */
static uint64_t
supply_take(struct supply *s, uint64_t size, uint64_t align)
{
	uint64_t next = atomic_load(&s->next);
	uint64_t at;

	do {
		at = align_up(next, align);
		if (at > s->end || size > s->end - at)
			return 0;
	} while (!atomic_cas(&s->next, &next, at + size));
	memset(spa_to_ptr(spa(at)), 0, size);
	return at;
}

void *
boot_pages_aligned(size_t pages, uint64_t align)
{
	uint64_t at;

	ASSERT(align >= PAGE_SIZE && (align & (align - 1)) == 0);
	ASSERT(pages > 0);
	at = supply_take(&private_pages, pages * PAGE_SIZE, align);
	return at == 0 ? NULL : spa_to_ptr(spa(at));
}

spa_t
boot_shared_page(void)
{
	return spa(supply_take(&shared_pages, PAGE_SIZE, PAGE_SIZE));
}

size_t
boot_pages_total(void)
{
	return pages_total;
}

const struct hv_region *
boot_private_regions(size_t *count)
{
	*count = REGION_COUNT;
	return region;
}

spa_t
boot_ram_end(void)
{
	return ram_end;
}
