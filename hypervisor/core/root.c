/* SPDX-License-Identifier: Apache-2.0 */
/* The parent partition: built at boot, one VP a processor, never destroyed. */
#include "boot/boot.h"
#include "core/assert.h"
#include "core/clock.h"
#include "core/frame.h"
#include "core/lp.h"
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/root.h"
#include "core/vp.h"
#include "x86/cpuid.h"
#include "x86/fpu.h"
#include "x86/tsc.h"
#include "x86/vendor.h"

/* Descriptors of the 64-bit boot protocol, as TLFS attributes. */
#define ATTR_CODE64	0xa09bu
#define ATTR_DATA	0xc093u
#define ATTR_TSS64	0x008bu
#define SEL_CODE	0x10u
#define SEL_DATA	0x18u
#define CR0_START	(CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_PE)

static struct pool map_pool;

static spa_t
shared_page(void)
{
	spa_t page = boot_shared_page();

	ASSERT(page.v != 0);
	return page;
}

/* Memory of a VP that no pool pays for. */
static struct vp *
root_vp_alloc(void)
{
	struct vp *vp = boot_pages(1);

	if (vp == NULL)
		return NULL;
	vp->arch = boot_pages(1);
	vp->fpu = boot_pages(1);
	if (vp->arch == NULL || vp->fpu == NULL)
		return NULL;
	for (size_t i = 0; i < SYNIC_PAGES; i++) {
		spa_t page = boot_shared_page();

		if (page.v == 0)
			return NULL;
		vp->page[i] = spa_to_ptr(page);
	}
	return vp;
}

/* A VP that the LP can run from now on. */
static enum hv_status
root_vp_make(uint32_t index, struct lp *lp)
{
	struct vp *vp = root_vp_alloc();

	if (vp == NULL)
		return HV_NO_RESOURCES;
	vp->claimed = 1;
	vp->lp_index = lp->index;
	vp_setup(vp, &root_partition, index, lp->apic_id);
	/* As the firmware would have left it: no page of registers at all. */
	vapic_set_base(&vp->apic, vp->apic.base | VAPIC_BASE_ENABLE |
	    VAPIC_BASE_X2APIC);
	atomic_store(&lp->root_vp, vp);
	return HV_SUCCESS;
}

enum hv_status
root_vp_create(uint32_t index, uint32_t lp_index)
{
	struct partition *root = &root_partition;
	struct lp *lp = lp_get(lp_index);
	enum hv_status st = HV_INVALID_PARAMETER;

	if (index >= PARTITION_MAX_VPS)
		return HV_INVALID_VP_INDEX;
	if (lp == NULL)
		return HV_INVALID_LP_INDEX;
	spin_lock(&root->lock);
	if (root->vps[index] == NULL && lp->root_vp == NULL)
		st = root_vp_make(index, lp);
	spin_unlock(&root->lock);
	if (st == HV_SUCCESS)
		lp_kick(lp);
	return st;
}

static void
root_segment_set(struct vp *vp, uint32_t name, uint16_t selector,
    uint16_t attributes)
{
	union hv_register_value v = {
		.segment = {
			.limit = UINT32_MAX,
			.selector = selector,
			.attributes = attributes,
		},
	};

	vendor->register_set(vp, name, &v);
}

/* The state in which the 64-bit boot protocol wants the processor. */
static void
root_vp_start(struct vp *vp, const struct parent_entry *entry)
{
	union hv_register_value gdt = {
		.table = {
			.limit = entry->gdt_limit,
			.base = entry->gdt_base,
		},
	};

	vendor_register_set(vp, HV_REGISTER_EFER, EFER_LME | EFER_LMA);
	vendor_register_set(vp, HV_REGISTER_CR3, entry->cr3);
	vendor_register_set(vp, HV_REGISTER_CR4, CR4_PAE);
	vendor_register_set(vp, HV_REGISTER_CR0, CR0_START);
	root_segment_set(vp, HV_REGISTER_CS, SEL_CODE, ATTR_CODE64);
	for (uint32_t name = HV_REGISTER_ES; name <= HV_REGISTER_GS; name++) {
		if (name != HV_REGISTER_CS)
			root_segment_set(vp, name, SEL_DATA, ATTR_DATA);
	}
	root_segment_set(vp, HV_REGISTER_TR, 0, ATTR_TSS64);
	vendor->register_set(vp, HV_REGISTER_GDTR, &gdt);
	vp->regs.rip = entry->rip;
	vp->regs.gpr[GPR_RSI] = entry->rsi;
}

static void
root_partition_init(struct partition *root)
{
	enum hv_status st;

	root->id = PARTITION_ROOT_ID;
	root->is_root = true;
	root->privileges = cpuid_privileges(true);
	root->state = PARTITION_ACTIVE;
	spinlock_init(&root->lock, LOCK_RANK_PARTITION);
	pool_init(&root->pool, false);
	pool_init(&map_pool, true);
	st = gpamap_init(&root->map, vendor->nested, &map_pool);
	ASSERT(st == HV_SUCCESS);
	gpamap_identity(&root->map);
	root->hypercall_page = shared_page();
	root->tsc_page = shared_page();
	root->hypercall_msr = root->hypercall_page.v;
	root->reference_tsc_msr = root->tsc_page.v;
	hypercall_page_fill(spa_to_ptr(root->hypercall_page));
}

void
root_create(const struct parent_entry *entry)
{
	enum hv_status st;
	bool ok;

	fpu_init();
	clock_init(tsc_hz());
	ok = frames_init();
	ASSERT(ok);
	root_partition_init(&root_partition);
	clock_page_fill(&root_partition);
	st = root_vp_create(0, 0);
	ASSERT(st == HV_SUCCESS);
	root_vp_start(partition_vp(&root_partition, 0), entry);
}
