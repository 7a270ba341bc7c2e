/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics pages: where they are, and what is in them. */
#include "core/stats.h"

#include <mullion/hypercall_handlers.h>

#include "boot/boot.h"
#include "core/clock.h"
#include "core/lp.h"
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/vp.h"
#include "x86/cpu.h"
#include <tlfs/stats.h>

/* Which pages exist; held while one is written to, so that it stays. */
static struct spinlock lock = SPINLOCK_INIT(LOCK_RANK_STATS);
static struct hv_stats_page *hypervisor_page;
static struct hv_stats_page *lp_pages[LP_MAX];

/* What a page counts for; of the pointers the one that @type asks for. */
struct object {
	enum hv_stats_object_type type;
	const struct lp *lp;
	struct partition *part;
	struct vp *vp;
};

/* The object that @in names, its partition with a reference. */
static enum hv_status
object_get(const struct hv_input_stats_page *in, struct object *o)
{
	*o = (struct object){ .type = in->type };
	/* There is one area: Linux then takes it for the other as well. */
	if (in->stats_area_type != HV_STATS_AREA_SELF)
		return HV_INVALID_PARAMETER;
	switch (in->type) {
	case HV_STATS_OBJECT_HYPERVISOR:
		return HV_SUCCESS;
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		o->lp = lp_get((uint32_t)in->identity);
		return o->lp != NULL ? HV_SUCCESS : HV_INVALID_LP_INDEX;
	case HV_STATS_OBJECT_PARTITION:
	case HV_STATS_OBJECT_VP:
		break;
	default:
		return HV_INVALID_PARAMETER;
	}
	o->part = partition_get(&root_partition, in->identity);
	if (o->part == NULL)
		return HV_INVALID_PARTITION_ID;
	if (in->type == HV_STATS_OBJECT_PARTITION)
		return HV_SUCCESS;
	o->vp = partition_vp(o->part, in->vp_index);
	if (o->vp != NULL)
		return HV_SUCCESS;
	partition_put(o->part);
	return HV_INVALID_VP_INDEX;
}

static void
object_put(const struct object *o)
{
	if (o->part != NULL)
		partition_put(o->part);
}

/* The place of the pointer to the page of the object. */
static struct hv_stats_page **
place_of(const struct object *o)
{
	switch (o->type) {
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		return &lp_pages[o->lp->index];
	case HV_STATS_OBJECT_PARTITION:
		return &o->part->stats;
	case HV_STATS_OBJECT_VP:
		return &o->vp->stats;
	default:
		return &hypervisor_page;
	}
}

static void
hypervisor_fill(uint64_t *c)
{
	c[HV_COUNTER_LOGICAL_PROCESSORS] = lp_count();
	c[HV_COUNTER_PARTITIONS] = partition_count();
	c[HV_COUNTER_TOTAL_PAGES] = boot_pages_total();
}

static void
lp_fill(uint64_t *c, const struct lp *lp)
{
	uint64_t now = rdtsc();

	c[HV_LP_COUNTER_GLOBAL_TIME] = clock_span(now - lp->started);
	c[HV_LP_COUNTER_TOTAL_RUN_TIME] =
	    clock_span(now - lp->started - lp->idle_tsc);
	if (lp->root_vp != NULL)
		c[HV_LP_COUNTER_ROOT_VP_INDEX] = lp->root_vp->index;
}

static void
partition_fill(uint64_t *c, struct partition *part)
{
	struct pool_counters pool = pool_counters(&part->pool);
	const struct gpamap *map = &part->map;
	uint64_t vps = 0;

	for (uint32_t i = 0; i < READ_ONCE(part->vp_count); i++)
		vps += partition_vp(part, i) != NULL;
	c[HV_PARTITION_COUNTER_VPS] = vps;
	c[HV_PARTITION_COUNTER_DEPOSITED_PAGES] = pool.deposited;
	c[HV_PARTITION_COUNTER_PAGES_IN_USE] = pool.in_use;
	c[HV_PARTITION_COUNTER_GPA_PAGES] = READ_ONCE(map->pages_4k) +
	    READ_ONCE(map->pages_2m) * (SIZE_2M / PAGE_SIZE) +
	    READ_ONCE(map->pages_1g) * (SIZE_1G / PAGE_SIZE);
	c[HV_PARTITION_COUNTER_GPA_PAGES_4K] = READ_ONCE(map->pages_4k);
	c[HV_PARTITION_COUNTER_GPA_PAGES_2M] = READ_ONCE(map->pages_2m);
	c[HV_PARTITION_COUNTER_GPA_PAGES_1G] = READ_ONCE(map->pages_1g);
	c[HV_PARTITION_COUNTER_PARTITION_ID] = part->id;
}

static void
vp_fill(uint64_t *c, const struct vp *vp)
{
	const uint64_t *exits = vp->exits;

	c[HV_VP_COUNTER_TOTAL_RUN_TIME] = clock_span(READ_ONCE(vp->run_tsc));
	c[HV_VP_COUNTER_HYPERCALLS] = exits[VP_EXIT_HYPERCALL];
	c[HV_VP_COUNTER_IO_INSTRUCTIONS] = exits[VP_EXIT_IO];
	c[HV_VP_COUNTER_HLT_INSTRUCTIONS] = exits[VP_EXIT_HLT];
	c[HV_VP_COUNTER_CPUID_INSTRUCTIONS] = exits[VP_EXIT_CPUID];
	c[HV_VP_COUNTER_MSR_ACCESSES] = exits[VP_EXIT_MSR];
	c[HV_VP_COUNTER_OTHER_INTERCEPTS] = exits[VP_EXIT_OTHER];
	c[HV_VP_COUNTER_EXTERNAL_INTERRUPTS] = exits[VP_EXIT_INTERRUPT];
	c[HV_VP_COUNTER_APIC_MMIO_ACCESSES] = exits[VP_EXIT_APIC];
	c[HV_VP_COUNTER_NESTED_PAGE_FAULTS] = exits[VP_EXIT_MEMORY];
	c[HV_VP_COUNTER_REFLECTED_EXCEPTIONS] = exits[VP_EXIT_EXCEPTION];
}

static void
fill(const struct object *o, uint64_t *counters)
{
	switch (o->type) {
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		lp_fill(counters, o->lp);
		break;
	case HV_STATS_OBJECT_PARTITION:
		partition_fill(counters, o->part);
		break;
	case HV_STATS_OBJECT_VP:
		vp_fill(counters, o->vp);
		break;
	default:
		hypervisor_fill(counters);
		break;
	}
}

enum hv_status
call_map_stats_page(const struct hv_input_stats_page *in, uint64_t *out)
{
	struct hv_stats_page **place;
	struct object o;
	enum hv_status status = object_get(in, &o);

	if (status != HV_SUCCESS)
		return status;
	place = place_of(&o);
	spin_lock(&lock);
	if (*place == NULL)
		WRITE_ONCE(*place, pool_alloc(&root_partition.pool));
	if (*place == NULL) {
		status = HV_INSUFFICIENT_MEMORY;
	} else {
		fill(&o, (*place)->data);
		*out = ptr_to_spa(*place).v >> PAGE_SHIFT;
	}
	spin_unlock(&lock);
	object_put(&o);
	return status;
}

/* True if there was a page. */
static bool
object_forget(const struct object *o)
{
	struct hv_stats_page **place = place_of(o);
	struct hv_stats_page *page;

	spin_lock(&lock);
	page = *place;
	WRITE_ONCE(*place, NULL);
	pool_free(&root_partition.pool, page);
	spin_unlock(&lock);
	return page != NULL;
}

enum hv_status
call_unmap_stats_page(const struct hv_input_stats_page *in)
{
	struct object o;
	enum hv_status status = object_get(in, &o);

	if (status != HV_SUCCESS)
		return status;
	status = object_forget(&o) ? HV_SUCCESS : HV_NOT_FOUND;
	object_put(&o);
	return status;
}

static inline void
object_update(const struct object *o)
{
	struct hv_stats_page *const *place = place_of(o);

	if (READ_ONCE(*place) == NULL || !spin_trylock(&lock))
		return;
	if (*place != NULL)
		fill(o, (*place)->data);
	spin_unlock(&lock);
}

void
stats_vp_update(struct vp *vp)
{
	object_update(&(struct object){ .type = HV_STATS_OBJECT_VP,
	    .vp = vp });
}

void
stats_lp_update(struct lp *lp)
{
	object_update(&(struct object){
	    .type = HV_STATS_OBJECT_LOGICAL_PROCESSOR, .lp = lp });
}

void
stats_partition_update(struct partition *part)
{
	object_update(&(struct object){ .type = HV_STATS_OBJECT_PARTITION,
	    .part = part });
}

void
stats_hypervisor_update(void)
{
	object_update(&(struct object){ .type = HV_STATS_OBJECT_HYPERVISOR });
}

void
stats_vp_gone(struct vp *vp)
{
	object_forget(&(struct object){ .type = HV_STATS_OBJECT_VP,
	    .vp = vp });
}

void
stats_partition_gone(struct partition *part)
{
	object_forget(&(struct object){ .type = HV_STATS_OBJECT_PARTITION,
	    .part = part });
}
