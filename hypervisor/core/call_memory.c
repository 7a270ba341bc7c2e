/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on memory: deposits, and what pages a child sees. */
#include <mullion/hypercall_handlers.h>

#include "core/hypercall.h"
#include "core/stats.h"
#include "x86/cpu.h"
#include "x86/tsc.h"
#include <tlfs/memory.h>

#define MAX_PFN			(UINT64_C(1) << 40)

/* How long a change of a map goes on before interrupts get their turn. */
#define CHANGE_MICROSECONDS	50u

/* Give the first @count pages of the list back: the parent keeps them all. */
static void
deposit_undo(const uint64_t *pfn, uint16_t count)
{
	while (count-- > 0)
		frame_release(spa(pfn[count] << PAGE_SHIFT));
}

/*
 * All or none: the parent frees its pages when the call fails. Until all
 * frames are claimed no page is in the pool.
 */
enum hv_status
call_deposit_memory(struct hypercall *hc, struct partition *part)
{
	uint64_t pfn[HV_DEPOSIT_MAX_PAGES];
	enum hv_status status = HV_SUCCESS;
	uint16_t n = 0;

	if (hc->rep_count > HV_DEPOSIT_MAX_PAGES)
		return HV_INVALID_HYPERCALL_INPUT;
	for (; hc->reps_done < hc->rep_count; hc->reps_done++, n++) {
		status = hypercall_read_rep(hc, &pfn[n]);
		if (status == HV_SUCCESS && (pfn[n] >= MAX_PFN ||
		    !frame_claim(spa(pfn[n] << PAGE_SHIFT))))
			status = HV_INVALID_PARAMETER;
		if (status != HV_SUCCESS)
			break;
	}
	if (status == HV_SUCCESS) {
		while (n-- > 0)
			pool_deposit(&part->pool, spa(pfn[n] << PAGE_SHIFT));
		stats_partition_update(part);
	} else {
		deposit_undo(pfn, n);
		hc->reps_done = hc->rep_start;
	}
	return status;
}

enum hv_status
call_withdraw_memory(struct hypercall *hc, struct partition *part)
{
	enum hv_status status = HV_SUCCESS;
	spa_t page;

	for (; hc->reps_done < hc->rep_count; hc->reps_done++) {
		uint64_t pfn;

		if (!pool_withdraw(&part->pool, &page)) {
			status = HV_NO_RESOURCES;
			break;
		}
		pfn = page.v >> PAGE_SHIFT;
		status = hypercall_write_rep(hc, &pfn);
		if (status != HV_SUCCESS) {
			pool_deposit(&part->pool, page);
			break;
		}
		frame_release(page);
	}
	stats_partition_update(part);
	return status;
}

static uint32_t
map_perms(uint32_t flags)
{
	uint32_t perms = 0;

	if ((flags & HV_MAP_GPA_NO_ACCESS) != 0)
		return 0;
	if ((flags & HV_MAP_GPA_READABLE) != 0)
		perms |= GPAMAP_READ;
	if ((flags & HV_MAP_GPA_WRITABLE) != 0)
		perms |= GPAMAP_WRITE;
	if ((flags & HV_MAP_GPA_EXECUTABLE) != 0)
		perms |= GPAMAP_EXECUTE;
	if (perms != 0 && (flags & HV_MAP_GPA_NOT_CACHED) != 0)
		perms |= GPAMAP_UNCACHED;
	return perms;
}

/*
 * The child that a map call is about. One that is just being finalized is
 * waited for, without a reference, because it waits for those: only then can
 * the parent be told that no VP uses a page any more.
 */
static struct partition *
map_target(const struct hypercall *hc, uint64_t id)
{
	for (;;) {
		struct partition *part = partition_get(hc->part, id);

		if (part == NULL ||
		    atomic_load(&part->state) != PARTITION_FINALIZING)
			return part;
		partition_put(part);
		cpu_relax();
	}
}

/*
 * Once a child is finalized its map is gone, and all it could be told to
 * forget with it. False: *@status answers the call.
 */
static bool
map_allowed(struct hypercall *hc, const struct partition *part,
    bool takes_away, enum hv_status *status)
{
	enum partition_state state = atomic_load(&part->state);

	*status = HV_SUCCESS;
	if (part->is_root)
		*status = HV_ACCESS_DENIED;
	else if (state == PARTITION_ACTIVE)
		return true;
	else if (takes_away && state == PARTITION_FINALIZED)
		hc->reps_done = hc->rep_count;
	else
		*status = HV_INVALID_PARTITION_STATE;
	return false;
}

/* A change of a child's map, as a call asks for it. */
struct request {
	uint64_t partition_id;
	uint64_t gpn;		/* of the first page */
	unsigned int level;	/* 2: pages of 2 MiB */
	bool takes_away;	/* what is there, without anything instead */
	bool unmap;		/* there is no list of pages */
	uint32_t perms;
};

/* Map the next element of the list at @gpn. */
static enum hv_status
map_one(struct hypercall *hc, struct partition *part,
    struct gpamap_change *change, const struct request *r, uint64_t gpn)
{
	uint64_t pfn;
	enum hv_status status = hypercall_read_rep(hc, &pfn);
	spa_t page = spa(0);

	if (status != HV_SUCCESS)
		return status;
	if (r->perms != 0) {
		if (pfn >= MAX_PFN)
			return HV_INVALID_PARAMETER;
		page = spa(pfn << PAGE_SHIFT);
		if (!frames_lendable(page, gpamap_span(r->level)))
			return HV_ACCESS_DENIED;
	}
	return gpamap_map(&part->map, change, gpn, page, r->perms, r->level);
}

/*
 * As far as it goes in a short time, so that the parent can take interrupts
 * before the call goes on.
 */
static enum hv_status
map_change(struct hypercall *hc, const struct request *r)
{
	struct partition *part = map_target(hc, r->partition_id);
	uint64_t limit = rdtsc() + tsc_hz() / 1000000 * CHANGE_MICROSECONDS;
	struct gpamap_change change = { 0 };
	enum hv_status status;

	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	if (map_allowed(hc, part, r->takes_away, &status)) {
		while (status == HV_SUCCESS && hc->reps_done < hc->rep_count) {
			uint64_t gpn = r->gpn +
			    hc->reps_done * gpamap_span(r->level);

			status = r->unmap ? gpamap_unmap(&part->map, &change,
			    gpn, r->level) :
			    map_one(hc, part, &change, r, gpn);
			if (status == HV_SUCCESS)
				hc->reps_done++;
			if (rdtsc() > limit)
				break;
		}
		if (status == HV_SUCCESS && hc->reps_done < hc->rep_count)
			hc->outcome = HYPERCALL_CONTINUE;
		/* The parent may free pages that are gone as we return. */
		partition_commit(part, &change);
		stats_partition_update(part);
	}
	partition_put(part);
	return status;
}

enum hv_status
call_map_gpa_pages(struct hypercall *hc,
    const struct hv_input_map_gpa_pages *in)
{
	uint32_t perms = map_perms(in->map_flags);
	const struct request r = {
		.partition_id = in->target_partition_id,
		.gpn = in->target_gpa_base,
		.level = (in->map_flags & HV_MAP_GPA_LARGE_PAGE) != 0 ? 2 : 1,
		.takes_away = perms == 0,
		.perms = perms,
	};

	return map_change(hc, &r);
}

enum hv_status
call_unmap_gpa_pages(struct hypercall *hc,
    const struct hv_input_unmap_gpa_pages *in)
{
	const struct request r = {
		.partition_id = in->target_partition_id,
		.gpn = in->target_gpa_base,
		.level = in->unmap_flags == HV_UNMAP_GPA_LARGE_PAGE ? 2 : 1,
		.takes_away = true,
		.unmap = true,
	};

	return map_change(hc, &r);
}

enum hv_status
call_get_gpa_pages_access_states(struct hypercall *hc,
    const struct hv_input_get_gpa_pages_access_state *in,
    struct partition *part)
{
	struct gpamap_change change = { 0 };
	enum hv_status status = HV_SUCCESS;

	if (READ_ONCE(part->state) != PARTITION_ACTIVE)
		return HV_INVALID_PARTITION_STATE;
	while (status == HV_SUCCESS && hc->reps_done < hc->rep_count) {
		uint64_t gpn = in->hv_gpa_page_number + hc->reps_done;
		uint8_t state;

		state = gpamap_access_state(&part->map, &change, gpn,
		    in->flags);
		status = hypercall_write_rep(hc, &state);
		if (status == HV_SUCCESS)
			hc->reps_done++;
	}
	partition_commit(part, &change);
	return status;
}
