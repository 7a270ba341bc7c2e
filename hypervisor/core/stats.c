/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics pages: where they are, and what is in them. */
#include "core/stats.h"

#include "boot/boot.h"
#include "core/clock.h"
#include "core/lock_rank.h"
#include "core/lp.h"
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/vp.h"
#include "x86/cpu.h"

/* Which pages exist; held while one is written to, so that it stays. */
static struct spinlock lock = SPINLOCK_INIT(LOCK_RANK_STATS);
static struct stats_page *hypervisor_page;
static struct stats_page *lp_pages[LP_MAX];

/* The place of the pointer to the page of the object; NULL: bad @in. */
static struct stats_page **
place_of(const struct hv_input_stats_page *in, struct partition *part,
    struct vp *vp)
{
	switch (in->type) {
	case HV_STATS_OBJECT_HYPERVISOR:
		return &hypervisor_page;
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		return in->identity.lp.lp_index < LP_MAX ?
		    &lp_pages[in->identity.lp.lp_index] : NULL;
	case HV_STATS_OBJECT_PARTITION:
		return &part->stats;
	case HV_STATS_OBJECT_VP:
		return &vp->stats;
	default:
		return NULL;
	}
}

static enum hv_status
check(const struct hv_input_stats_page *in)
{
	/* There is one area: Linux then takes it for the other as well. */
	if (in->identity.hv.stats_area_type != HV_STATS_AREA_SELF)
		return HV_INVALID_PARAMETER;
	switch (in->type) {
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		return lp_get(in->identity.lp.lp_index) != NULL ? HV_SUCCESS :
		    HV_INVALID_LP_INDEX;
	case HV_STATS_OBJECT_HYPERVISOR:
	case HV_STATS_OBJECT_PARTITION:
	case HV_STATS_OBJECT_VP:
		return HV_SUCCESS;
	default:
		return HV_INVALID_PARAMETER;
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
fill(const struct hv_input_stats_page *in, uint64_t *counters,
    struct partition *part, const struct vp *vp)
{
	switch (in->type) {
	case HV_STATS_OBJECT_HYPERVISOR:
		hypervisor_fill(counters);
		break;
	case HV_STATS_OBJECT_LOGICAL_PROCESSOR:
		lp_fill(counters, lp_get(in->identity.lp.lp_index));
		break;
	case HV_STATS_OBJECT_PARTITION:
		partition_fill(counters, part);
		break;
	case HV_STATS_OBJECT_VP:
		vp_fill(counters, vp);
		break;
	}
}

enum hv_status
stats_map(const struct hv_input_stats_page *in, struct partition *part,
    struct vp *vp, spa_t *page)
{
	enum hv_status status = check(in);
	struct stats_page **place;

	if (status != HV_SUCCESS)
		return status;
	spin_lock(&lock);
	place = place_of(in, part, vp);
	if (*place == NULL)
		WRITE_ONCE(*place, pool_alloc(&root_partition.pool));
	if (*place == NULL) {
		status = HV_INSUFFICIENT_MEMORY;
	} else {
		fill(in, (*place)->counters.data, part, vp);
		*page = ptr_to_spa(*place);
	}
	spin_unlock(&lock);
	return status;
}

/* With the lock held. */
static void
page_free(struct stats_page **place)
{
	pool_free(&root_partition.pool, *place);
	WRITE_ONCE(*place, NULL);
}

enum hv_status
stats_unmap(const struct hv_input_stats_page *in, struct partition *part,
    struct vp *vp)
{
	enum hv_status status = check(in);
	struct stats_page **place;

	if (status != HV_SUCCESS)
		return status;
	spin_lock(&lock);
	place = place_of(in, part, vp);
	if (*place == NULL)
		status = HV_NOT_FOUND;
	else
		page_free(place);
	spin_unlock(&lock);
	return status;
}

/* The page at @place, locked, if there is one and nobody else is at it. */
static uint64_t *
page_hold(struct stats_page *const *place)
{
	if (READ_ONCE(*place) == NULL || !spin_trylock(&lock))
		return NULL;
	if (*place != NULL)
		return (*place)->counters.data;
	spin_unlock(&lock);
	return NULL;
}

void
stats_vp_update(struct vp *vp)
{
	uint64_t *counters = page_hold(&vp->stats);

	if (counters != NULL) {
		vp_fill(counters, vp);
		spin_unlock(&lock);
	}
}

void
stats_lp_update(struct lp *lp)
{
	uint64_t *counters = page_hold(&lp_pages[lp->index]);

	if (counters != NULL) {
		lp_fill(counters, lp);
		spin_unlock(&lock);
	}
}

void
stats_partition_update(struct partition *part)
{
	uint64_t *counters = page_hold(&part->stats);

	if (counters != NULL) {
		partition_fill(counters, part);
		spin_unlock(&lock);
	}
}

void
stats_hypervisor_update(void)
{
	uint64_t *counters = page_hold(&hypervisor_page);

	if (counters != NULL) {
		hypervisor_fill(counters);
		spin_unlock(&lock);
	}
}

void
stats_vp_gone(struct vp *vp)
{
	spin_lock(&lock);
	page_free(&vp->stats);
	spin_unlock(&lock);
}

void
stats_partition_gone(struct partition *part)
{
	spin_lock(&lock);
	page_free(&part->stats);
	spin_unlock(&lock);
}
