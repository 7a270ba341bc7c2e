/* SPDX-License-Identifier: Apache-2.0 */
/* Which ports and MSRs exit: the permission maps that SVM reads. */
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/string.h"
#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/svm/svm.h"

#define MSRPM_SIZE	8192u
#define IOPM_SIZE	12288u

static uint8_t msrpm_root[MSRPM_SIZE] __attribute__((aligned(4096)));
static uint8_t msrpm_child[MSRPM_SIZE] __attribute__((aligned(4096)));
static uint8_t iopm_child[IOPM_SIZE] __attribute__((aligned(4096)));

struct msr_range {
	uint32_t first;
	uint32_t last;
};

/* The parent has the machine's registers but for these, which are ours. */
static const struct msr_range root_exits[] = {
	{ MSR_TSC, MSR_TSC },
	{ MSR_TSC_ADJUST, MSR_TSC_ADJUST },
	{ MSR_APIC_BASE, MSR_APIC_BASE },
	{ MSR_TSC_DEADLINE, MSR_TSC_DEADLINE },
	{ MSR_XSS, MSR_XSS },
	{ MSR_X2APIC_FIRST, MSR_X2APIC_LAST },
	{ MSR_EFER, MSR_EFER },
	{ MSR_VM_CR, MSR_VM_CR + 5 },	/* SVM's */
};

/* A child has only what each processor's block holds for it. */
static const struct msr_range child_passes[] = {
	{ MSR_SYSENTER_CS, MSR_SYSENTER_EIP },
	{ MSR_STAR, MSR_SFMASK },
	{ MSR_FS_BASE, MSR_KERNEL_GS_BASE },
};

/* Two bits for each: reads and writes. */
static void
msrpm_set(uint8_t *map, uint32_t msr, bool exits)
{
	uint32_t bit = (msr & 0x1fff) * 2;
	unsigned int both = 3u << bit % 8;
	uint32_t base = 0;

	if (msr >= 0xc0010000)
		base = 0x1000;
	else if (msr >= 0xc0000000)
		base = 0x800;
	map += base + bit / 8;
	*map = (uint8_t)(exits ? *map | both : *map & ~both);
}

static void
msrpm_apply(uint8_t *map, const struct msr_range *r, size_t n, bool exits)
{
	for (size_t i = 0; i < n; i++)
		for (uint32_t msr = r[i].first; msr <= r[i].last; msr++)
			msrpm_set(map, msr, exits);
}

void
svm_maps_init(void)
{
	memset(msrpm_child, 0xff, sizeof(msrpm_child));
	memset(iopm_child, 0xff, sizeof(iopm_child));
	msrpm_apply(msrpm_root, root_exits, ARRAY_SIZE(root_exits), true);
	msrpm_apply(msrpm_child, child_passes, ARRAY_SIZE(child_passes),
	    false);
}

void
svm_maps_use(struct vp *vp, struct vmcb *vmcb)
{
	bool root = vp->part->is_root;

	vmcb->control.msrpm_base =
	    ptr_to_spa(root ? msrpm_root : msrpm_child).v;
	vmcb->control.iopm_base = ptr_to_spa(iopm_child).v;
}
