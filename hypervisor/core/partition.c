/* SPDX-License-Identifier: Apache-2.0 */
/* The partitions there are, and the life of a child. */
#include "core/partition.h"

#include <mullion/hypercall_handlers.h>

#include "core/assert.h"
#include "core/clock.h"
#include "core/memory_access.h"
#include "core/port.h"
#include "core/print.h"
#include "core/stats.h"
#include "core/vp.h"
#include "x86/cpuid.h"
#include "x86/vendor.h"

/*
 * A place for a partition. An id is a slot's number and, above it, how many
 * partitions there were before: no id comes twice, and later ones are higher.
 */
struct slot {
	uint32_t refs;		/* 0: empty; else 1 and one a user */
	uint64_t id;
	struct partition *part;
};

#define SLOT_BITS	8u
#define SLOTS		(1u << SLOT_BITS)
#define ROOT_SLOT	((uint32_t)PARTITION_ROOT_ID)

struct partition root_partition;

static uint64_t partitions_made;

static struct slot slots[SLOTS] = {
	[ROOT_SLOT] = {
		.refs = 1,
		.id = PARTITION_ROOT_ID,
		.part = &root_partition,
	},
};

static struct slot *
slot_of(uint64_t id)
{
	return &slots[id % SLOTS];
}

struct partition *
partition_get(struct partition *caller, uint64_t id)
{
	uint64_t wanted = id == PARTITION_SELF ? caller->id : id;
	struct slot *s = slot_of(wanted);
	uint32_t refs = atomic_load(&s->refs);

	if (!caller->is_root && wanted != caller->id)
		return NULL;
	do {
		if (refs == 0)
			return NULL;
	} while (!atomic_cas(&s->refs, &refs, refs + 1));
	if (atomic_load(&s->id) == wanted)
		return s->part;
	atomic_fetch_sub(&s->refs, 1);
	return NULL;
}

void
partition_put(struct partition *part)
{
	uint32_t old = atomic_fetch_sub(&slot_of(part->id)->refs, 1);

	ASSERT(old > 1);
}

/*
 * Wait until the caller's is the only use: nobody can find what was taken
 * out of @part before. Others hold a reference for the time of a call.
 */
static void
partition_wait_unused(struct partition *part)
{
	while (atomic_load(&slot_of(part->id)->refs) > 2)
		cpu_relax();
}

static struct slot *
slot_take(void)
{
	for (uint32_t i = ROOT_SLOT + 1; i < SLOTS; i++) {
		uint32_t empty = 0;

		/* The second reference keeps others out until it is filled. */
		if (atomic_cas(&slots[i].refs, &empty, 2))
			return &slots[i];
	}
	return NULL;
}

/* A page of the parent's pool, with an empty pool. */
enum hv_status
call_create_partition(const struct hv_input_create_partition *in,
    uint64_t *id)
{
	struct partition *part = pool_alloc(&root_partition.pool);
	struct slot *s;

	if (part == NULL)
		return HV_INSUFFICIENT_MEMORY;
	s = slot_take();
	if (s == NULL) {
		pool_free(&root_partition.pool, part);
		return HV_NO_RESOURCES;
	}
	part->id = (atomic_fetch_add(&partitions_made, 1) + 1) << SLOT_BITS |
	    (uint64_t)(s - slots);
	part->flags = in->flags;
	part->privileges = cpuid_privileges(false);
	part->state = PARTITION_CREATED;
	spinlock_init(&part->lock, LOCK_RANK_PARTITION);
	pool_init(&part->pool, false);
	clock_set(part, 0);
	s->part = part;
	*id = part->id;
	atomic_store(&s->id, part->id);
	atomic_fetch_sub(&s->refs, 1);
	stats_hypervisor_update();
	return HV_SUCCESS;
}

uint32_t
partition_count(void)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < SLOTS; i++)
		count += atomic_load(&slots[i].id) != 0;
	return count;
}

/*
 * The life of a child; the caller has a reference.  Each refuses a state that
 * it does not go on from.
 */

/* From CREATED to ACTIVE. HV_INSUFFICIENT_MEMORY: nothing has changed. */
enum hv_status
call_initialize_partition(struct partition *part)
{
	enum hv_status status = HV_INVALID_PARTITION_STATE;

	spin_lock(&part->lock);
	if (part->state == PARTITION_CREATED)
		status = gpamap_init(&part->map, vendor->nested, &part->pool);
	if (status == HV_SUCCESS)
		part->state = PARTITION_ACTIVE;
	spin_unlock(&part->lock);
	return status;
}

/* Have @vp come to the parent and stay there, then keep it from everybody. */
static void
vp_stop(struct vp *vp)
{
	WRITE_ONCE(vp->dispatch_suspend, true);
	WRITE_ONCE(vp->explicit_suspend, true);
	while (!vp_claim(vp)) {
		vp_request(vp, VP_REQ_STOP);
		cpu_relax();
	}
}

/* Take the VPs out of @part, so that no call finds them any more. */
static uint32_t
vps_take(struct partition *part, struct vp **taken)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < PARTITION_MAX_VPS; i++) {
		struct vp *vp = atomic_swap(&part->vps[i], NULL);

		if (vp != NULL)
			taken[count++] = vp;
	}
	return count;
}

/* Everything that came out of the pool but what the parent still looks at. */
static void
partition_free_objects(struct partition *part)
{
	port_partition_gone(part);
	pool_free(&part->pool, part->cpuids);
	part->cpuids = NULL;
	gpamap_destroy(&part->map);
	if (part->hypercall_page.v != 0)
		pool_free(&part->pool, spa_to_ptr(part->hypercall_page));
	if (part->tsc_page.v != 0)
		pool_free(&part->pool, spa_to_ptr(part->tsc_page));
	part->hypercall_page = part->tsc_page = spa(0);
}

/* @vp is claimed for its end, and nobody else knows it. */
static void
vp_end(struct vp *vp)
{
	vp_release(vp);
	vp_destroy(vp);
}

/*
 * From ACTIVE to FINALIZED: stop all VPs, wait until nobody uses the
 * partition, free all it has into its pool.  No lock may be held.
 */
enum hv_status
call_finalize_partition(struct partition *part)
{
	struct vp *vps[PARTITION_MAX_VPS];
	enum partition_state old;
	uint32_t count;

	spin_lock(&part->lock);
	old = part->state;
	if (old == PARTITION_ACTIVE)
		part->state = PARTITION_FINALIZING;
	spin_unlock(&part->lock);
	if (old != PARTITION_ACTIVE)
		return HV_INVALID_PARTITION_STATE;
	count = vps_take(part, vps);
	for (uint32_t i = 0; i < count; i++)
		vp_stop(vps[i]);
	partition_wait_unused(part);
	for (uint32_t i = 0; i < count; i++)
		vp_end(vps[i]);
	while (part->deleted != NULL) {
		struct vp *vp = part->deleted;

		part->deleted = vp->deleted_next;
		vp_end(vp);
	}
	partition_free_objects(part);
	spin_lock(&part->lock);
	part->state = PARTITION_FINALIZED;
	spin_unlock(&part->lock);
	return HV_SUCCESS;
}

/* Pages that the parent has not taken back are of use to it elsewhere. */
static void
pool_drain(struct partition *part)
{
	struct pool_counters c = pool_counters(&part->pool);
	spa_t page;

	if (c.in_use != 0)
		hv_printf("partition %lu: %lu pages are lost", part->id,
		    c.in_use);
	while (pool_withdraw(&part->pool, &page))
		pool_deposit(&root_partition.pool, page);
}

/*
 * The end, from CREATED or FINALIZED; the caller's reference goes with it on
 * success.  No lock may be held.
 */
enum hv_status
call_delete_partition(struct partition *part)
{
	struct slot *s = slot_of(part->id);
	enum hv_status status = HV_SUCCESS;
	enum partition_state old;

	spin_lock(&part->lock);
	old = part->state;
	if ((old != PARTITION_CREATED && old != PARTITION_FINALIZED) ||
	    atomic_load(&s->id) == 0) {
		status = HV_INVALID_PARTITION_STATE;
	} else {
		/* Who has found it before must not initialize it any more. */
		part->state = PARTITION_FINALIZED;
		atomic_store(&s->id, 0);
	}
	spin_unlock(&part->lock);
	if (status != HV_SUCCESS)
		return status;
	partition_wait_unused(part);
	if (old == PARTITION_CREATED)
		partition_free_objects(part);
	stats_partition_gone(part);
	pool_drain(part);
	pool_free(&root_partition.pool, part);
	/* The caller's reference and the slot's own, at once. */
	atomic_fetch_sub(&s->refs, 2);
	stats_hypervisor_update();
	return HV_SUCCESS;
}

void
partition_commit(struct partition *part, struct gpamap_change *change)
{
	if (change->flush)
		partition_flush(part);
	gpamap_reap(&part->map, change);
}
