/* SPDX-License-Identifier: Apache-2.0 */
/* The life of partitions: names, states, references, and what is given back. */
#include <criterion/criterion.h>
#include <mullion/hypercall_abi.h>
#include <mullion/hypercall_handlers.h>
#include <pthread.h>
#include <string.h>

#include "../memory/machine.h"
#include "core/clock.h"
#include "core/hypercall.h"
#include "core/hypercall_target.h"
#include "core/lock.h"
#include "core/partition.h"
#include "core/port.h"
#include "core/print.h"
#include "core/stats.h"
#include "core/vp.h"
#include "x86/cpuid.h"
#include "x86/svm/svm.h"
#include "x86/vendor.h"

static const struct hv_input_create_partition flags;
static const struct vendor test_vendor = { .nested = &svm_nested_format };
const struct vendor *vendor = &test_vendor;

static uint32_t destroyed;
static uint32_t kicked;

/* The rest of the hypervisor, as far as a partition's life needs it. */
uint64_t
cpuid_privileges(bool root)
{
	return root ? 3 : 1;
}

void
clock_set(struct partition *part, uint64_t value)
{
	part->time.offset = value;
}

void
stats_hypervisor_update(void)
{
}

void
stats_partition_gone(struct partition *part)
{
	cr_expect_null(part->stats);
}

void
port_partition_gone(struct partition *part)
{
	cr_expect_null(part->doorbells);
}

bool
vp_claim(struct vp *vp)
{
	uint32_t unclaimed = 0;

	return atomic_cas(&vp->claimed, &unclaimed, 1);
}

void
vp_release(struct vp *vp)
{
	atomic_store(&vp->claimed, 0);
}

/* Who runs it lets it go when it is asked to come out. */
void
vp_request(struct vp *vp, uint32_t bits)
{
	cr_expect_neq(bits & (VP_REQ_STOP | VP_REQ_TLB), 0);
	kicked++;
	if ((bits & VP_REQ_STOP) != 0)
		vp_release(vp);
}

/* No call is made here. */
enum hv_status
hypercall_read_varhead(struct hypercall *hc, size_t first, size_t count,
    uint64_t *to)
{
	(void)hc;
	(void)first;
	(void)count;
	(void)to;
	return HV_INVALID_HYPERCALL_INPUT;
}

void
vp_destroy(struct vp *vp)
{
	cr_expect_eq(vp->claimed, 0);
	cr_expect(vp->dispatch_suspend, "it could be dispatched again");
	destroyed++;
	pool_free(&vp->part->pool, vp);
}

void
partition_flush(struct partition *part)
{
	(void)part;
}

void
print_sink(const char *text, size_t len)
{
	cr_expect(false, "something was said: %.*s", (int)len, text);
}

static void
setup(void)
{
	machine_init();
	root_partition.id = PARTITION_ROOT_ID;
	root_partition.is_root = true;
	root_partition.state = PARTITION_ACTIVE;
	spinlock_init(&root_partition.lock, LOCK_RANK_PARTITION);
	pool_init(&root_partition.pool, false);
	machine_deposit(&root_partition.pool, 4);
	destroyed = kicked = 0;
}

TestSuite(partition, .init = setup);

static struct partition *
make(uint64_t *id)
{
	struct partition *part;

	cr_assert_eq(call_create_partition(&flags, id), HV_SUCCESS);
	part = partition_get(&root_partition, *id);
	cr_assert_not_null(part);
	return part;
}

/* Give @part a pool and start it. */
static void
start(struct partition *part)
{
	machine_deposit(&part->pool, 16);
	cr_assert_eq(call_initialize_partition(part), HV_SUCCESS);
}

static uint64_t
root_in_use(void)
{
	return pool_counters(&root_partition.pool).in_use;
}

Test(partition, names_itself_and_its_parent_by_id)
{
	struct partition *child, *found;
	uint64_t id;

	child = make(&id);
	cr_expect_eq(child->id, id);
	found = partition_get(&root_partition, PARTITION_SELF);
	cr_expect_eq(found, &root_partition);
	partition_put(found);
	found = partition_get(child, PARTITION_SELF);
	cr_expect_eq(found, child);
	partition_put(found);
	found = partition_get(child, id);
	cr_expect_eq(found, child);
	partition_put(found);
	partition_put(child);
}

Test(partition, of_others_is_hidden_from_a_child)
{
	struct partition *one, *two;
	uint64_t first, second;

	one = make(&first);
	two = make(&second);
	cr_expect_neq(first, second);
	cr_expect_null(partition_get(one, second));
	cr_expect_null(partition_get(one, PARTITION_ROOT_ID));
	cr_expect_null(partition_get(&root_partition, 0));
	cr_expect_null(partition_get(&root_partition, second + 0x100));
	partition_put(one);
	partition_put(two);
}

Test(partition, ids_are_not_used_again_soon)
{
	struct partition *part;
	uint64_t first, second;

	part = make(&first);
	cr_assert_eq(call_delete_partition(part), HV_SUCCESS);
	part = make(&second);
	cr_expect_neq(first, second);
	cr_expect_null(partition_get(&root_partition, first));
	partition_put(part);
}

Test(partition, goes_from_state_to_state)
{
	struct partition *part;
	uint64_t id;

	part = make(&id);
	cr_expect_eq(call_finalize_partition(part), HV_INVALID_PARTITION_STATE);
	cr_expect_eq(call_initialize_partition(part), HV_INSUFFICIENT_MEMORY);
	start(part);
	cr_expect_eq(call_initialize_partition(part),
	    HV_INVALID_PARTITION_STATE);
	cr_expect_eq(call_delete_partition(part), HV_INVALID_PARTITION_STATE);
	cr_expect_eq(call_finalize_partition(part), HV_SUCCESS);
	cr_expect_eq(call_finalize_partition(part), HV_INVALID_PARTITION_STATE);
	cr_expect_eq(call_delete_partition(part), HV_SUCCESS);
	cr_expect_null(partition_get(&root_partition, id));
}

Test(partition, gives_all_back_at_its_end)
{
	struct gpamap_change change = { 0 };
	uint64_t before = root_in_use();
	struct partition *part;
	uint64_t id, pages = 0;
	spa_t page;

	part = make(&id);
	start(part);
	for (uint32_t i = 0; i < 3; i++) {
		struct vp *vp = pool_alloc(&part->pool);

		vp->part = part;
		vp->claimed = i == 1;
		part->vps[i * 50] = vp;
	}
	part->cpuids = pool_alloc(&part->pool);
	cr_assert_eq(machine_map(&part->map, &change, 5, spa(0x200000),
	    GPAMAP_READ), HV_SUCCESS);
	cr_expect_eq(call_finalize_partition(part), HV_SUCCESS);
	cr_expect_eq(destroyed, 3);
	cr_expect_gt(kicked, 0, "the running one was not told");
	cr_expect_null(partition_vp(part, 50));
	cr_expect_eq(pool_counters(&part->pool).in_use, 0);
	while (pool_withdraw(&part->pool, &page))
		pages++;
	cr_expect_eq(pages, 16);
	cr_expect_eq(call_delete_partition(part), HV_SUCCESS);
	cr_expect_eq(root_in_use(), before);
}

Test(partition, pages_left_at_its_end_go_to_the_parent)
{
	uint64_t before = pool_counters(&root_partition.pool).deposited;
	struct partition *part;
	uint64_t id;

	part = make(&id);
	machine_deposit(&part->pool, 5);
	cr_expect_eq(call_delete_partition(part), HV_SUCCESS);
	cr_expect_eq(pool_counters(&root_partition.pool).deposited,
	    before + 5);
}

Test(partition, that_is_the_parent_cannot_end)
{
	struct hypercall hc = { .part = &root_partition };
	struct partition *part;

	cr_expect_eq(target_child(&hc, PARTITION_SELF, &part),
	    HV_ACCESS_DENIED);
	cr_expect_eq(target_child(&hc, PARTITION_ROOT_ID, &part),
	    HV_ACCESS_DENIED);
}

Test(partition, without_memory_of_the_parent_is_not_made)
{
	uint32_t count = partition_count();
	uint64_t id;
	spa_t page;

	while (pool_withdraw(&root_partition.pool, &page))
		continue;
	cr_expect_eq(call_create_partition(&flags, &id),
	    HV_INSUFFICIENT_MEMORY);
	cr_expect_eq(partition_count(), count);
}

Test(partition, slots_run_out_in_good_order)
{
	enum hv_status status = HV_SUCCESS;
	uint32_t made = 0;
	uint64_t id, used;

	machine_deposit(&root_partition.pool, 300);
	while (status == HV_SUCCESS) {
		used = root_in_use();
		status = call_create_partition(&flags, &id);
		made += status == HV_SUCCESS;
	}
	cr_expect_eq(status, HV_NO_RESOURCES);
	cr_expect_eq(made, 254);
	cr_expect_eq(partition_count(), 255);
	cr_expect_eq(root_in_use(), used);
}

/* Uses a partition as calls do, until it is gone. */
static void *
user(void *arg)
{
	uint64_t id = *(const uint64_t *)arg;
	struct partition *part;

	while ((part = partition_get(&root_partition, id)) != NULL) {
		cr_assert_eq(part->id, id, "it was freed under its user");
		partition_put(part);
	}
	return NULL;
}

Test(partition, ends_only_when_nobody_uses_it)
{
	for (int round = 0; round < 50; round++) {
		struct partition *part;
		pthread_t threads[2];
		uint64_t id;

		part = make(&id);
		machine_deposit(&part->pool, 4);
		cr_assert_eq(call_initialize_partition(part), HV_SUCCESS);
		for (int i = 0; i < 2; i++)
			pthread_create(&threads[i], NULL, user, &id);
		cr_assert_eq(call_finalize_partition(part), HV_SUCCESS);
		cr_assert_eq(call_delete_partition(part), HV_SUCCESS);
		for (int i = 0; i < 2; i++)
			pthread_join(threads[i], NULL);
	}
}
