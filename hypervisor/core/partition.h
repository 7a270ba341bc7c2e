/* SPDX-License-Identifier: Apache-2.0 */
/* A partition: an address space, its processors, and what pays for them. */
#ifndef HV_CORE_PARTITION_H
#define HV_CORE_PARTITION_H

#include "core/gpamap.h"
#include "core/reftime.h"

struct doorbell_page;
struct hv_stats_page;
struct vp;
struct vpset;

#define PARTITION_MAX_VPS	256u
#define PARTITION_ROOT_ID	1ul
#define PARTITION_SELF		(~0ul)

enum partition_state {
	PARTITION_CREATED,	/* properties may be set */
	PARTITION_ACTIVE,	/* initialised: VPs may be created and run */
	PARTITION_FINALIZING,	/* VPs are being stopped, all else is refused */
	PARTITION_FINALIZED,	/* nothing runs any more; memory goes back */
};

/* What the parent registered for a CPUID leaf of its child. */
struct cpuid_override {
	uint32_t leaf;
	uint32_t subleaf;
	bool any_subleaf;
	bool intercept;		/* tell the parent instead */
	uint32_t value[4];	/* eax, ebx, ecx, edx */
	uint32_t mask[4];
};

/* One page of them a partition, allocated with the first. */
struct cpuid_overrides {
	uint32_t count;
	struct cpuid_override entry[90];
};

/*
 * The object fills one page of the partition's own pool (the root's is
 * static).  Fields above the line never change once the partition is active.
 */
struct partition {
	uint64_t id;
	uint64_t flags;			/* HV_PARTITION_CREATION_FLAG_* */
	uint64_t privileges;		/* EBX:EAX of CPUID 0x40000003 */
	uint64_t synthetic_features;	/* property 0x10001 */
	bool is_root;
	bool ignore_unknown_msrs;	/* property 0x50017 */
	bool access_tracking;		/* property 0x50005 */
	uint32_t processors_per_socket;	/* property 0x50003 */

	struct spinlock lock;		/* rank LOCK_RANK_PARTITION: state, vps, ports */
	enum partition_state state;
	struct pool pool;		/* its own lock */
	struct gpamap map;		/* its own lock */
	struct reftime time;

	uint64_t guest_os_id;
	uint64_t hypercall_msr;		/* as last written by the guest */
	uint64_t reference_tsc_msr;
	spa_t hypercall_page;		/* overlay pages, 0 while unused */
	spa_t tsc_page;

	uint64_t crash[6];		/* CRASH_P0..P4, CTL */
	uint32_t intercepts;		/* 1 << type of INSTALL_INTERCEPT */
	uint32_t exception_intercepts;	/* 1 << vector */
	uint32_t intercept_access[16];
	struct cpuid_overrides *cpuids;	/* NULL until the first */
	struct doorbell_page *doorbells;	/* connections, by port.c */
	struct hv_stats_page *stats;	/* NULL while unmapped */

	struct vp *deleted;		/* VPs that nobody finds any more */
	uint32_t vp_count;		/* one past the highest index in use */
	struct vp *vps[PARTITION_MAX_VPS];
};
_Static_assert(sizeof(struct partition) <= PAGE_SIZE, "one page");

/* The parent partition; exists from boot on. */
extern struct partition root_partition;

/*
 * The partition that @id names for a call of @caller (SELF included), with a
 * reference that partition_put() gives back; NULL when there is none or the
 * caller may not know it.  A reference is held for the time of a call, or of a
 * DISPATCH_VP: who ends a partition waits for it.
 */
struct partition *partition_get(struct partition *caller, uint64_t id);
void partition_put(struct partition *part);

/* How many partitions there are, the parent included. */
uint32_t partition_count(void);

/* VP @index of @part or NULL; the caller holds a reference on @part. */
static inline struct vp *
partition_vp(const struct partition *part, uint32_t index)
{
	if (index >= PARTITION_MAX_VPS)
		return NULL;
	return __atomic_load_n(&part->vps[index], __ATOMIC_ACQUIRE);
}

/*
 * Make every change of the nested map so far visible to all VPs of @part:
 * returns when none of them can still use an older translation.  No lock may
 * be held.
 */
void partition_flush(struct partition *part);

/*
 * End a change of the nested map: flush if it needs it, then free the table
 * pages it has left behind.  No lock may be held.
 */
void partition_commit(struct partition *part, struct gpamap_change *change);

/* Have the VPs in @set forget the guest's own translations, and wait. */
void partition_flush_vps(struct partition *part, const struct vpset *set);

#endif
