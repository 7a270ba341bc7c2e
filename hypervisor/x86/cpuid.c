/* SPDX-License-Identifier: Apache-2.0 */
/* CPUID as a partition sees it: the processor's, ours, the parent's. */
#include <mullion/config.h>

#include "core/lp.h"
#include "core/partition.h"
#include "core/vp.h"
#include "x86/cpuid.h"
#include "x86/exits.h"
#include "x86/fpu.h"
#include "core/intercept.h"
#include "x86/vendor.h"
#include <tlfs/cpuid.h>

#define LEAF1_ECX_MONITOR	(1u << 3)
#define LEAF1_ECX_VMX		(1u << 5)
#define LEAF1_ECX_X2APIC	(1u << 21)
#define LEAF1_ECX_TSC_DEADLINE	(1u << 24)
#define LEAF1_ECX_OSXSAVE	(1u << 27)
#define LEAF7_EBX_TSC_ADJUST	(1u << 1)
#define LEAF7_ECX_OSPKE		(1u << 4)
#define LEAF7_ECX_LA57		(1u << 16)
#define LEAF7_ECX_SHSTK		(1u << 7)
#define LEAF7_EDX_IBT		(1u << 20)
/* SPEC_CTRL and its kin: a child's value would stay in force outside it. */
#define LEAF7_EDX_HIDDEN	(1u << 20 | 1u << 26 | 1u << 27 | 1u << 28 | \
				 1u << 29 | 1u << 31)
#define LEAFD_EAX_XSAVES	(1u << 3 | 1u << 4)
#define EXT1_ECX_SVM		(1u << 2)
#define EXT1_ECX_HIDDEN		(1u << 2 | 1u << 10 | 1u << 12 | 1u << 15 | \
				 1u << 23 | 1u << 24 | 1u << 28 | 1u << 29)
#define EXT7_EDX_INVARIANT_TSC	(1u << 8)
#define EXT8_EBX_HIDDEN		(1u << 12 | 1u << 14 | 1u << 15 | 1u << 16 | \
				 1u << 17 | 1u << 18 | 1u << 24 | 1u << 25 | \
				 1u << 26)

#define ROOT_EAX	(HV_FEATURE_VP_RUNTIME | HV_FEATURE_TIME_REF_COUNT | \
			 HV_FEATURE_SYNIC | HV_FEATURE_STIMER | \
			 HV_FEATURE_APIC_ACCESS | HV_FEATURE_HYPERCALL | \
			 HV_FEATURE_VP_INDEX | HV_FEATURE_RESET | \
			 HV_FEATURE_STAT_PAGES | HV_FEATURE_REFERENCE_TSC | \
			 HV_FEATURE_FREQUENCY_MSRS)
#define ROOT_EBX	(HV_PRIVILEGE_CREATE_PARTITIONS | \
			 HV_PRIVILEGE_PARTITION_ID | \
			 HV_PRIVILEGE_MEMORY_POOL | \
			 HV_PRIVILEGE_POST_MESSAGES | \
			 HV_PRIVILEGE_SIGNAL_EVENTS | \
			 HV_PRIVILEGE_CREATE_PORT | \
			 HV_PRIVILEGE_CONNECT_PORT | HV_PRIVILEGE_STATS | \
			 HV_PRIVILEGE_CPU_MANAGEMENT)
#define CHILD_EAX	(HV_FEATURE_VP_RUNTIME | HV_FEATURE_TIME_REF_COUNT | \
			 HV_FEATURE_SYNIC | HV_FEATURE_STIMER | \
			 HV_FEATURE_APIC_ACCESS | HV_FEATURE_HYPERCALL | \
			 HV_FEATURE_VP_INDEX | HV_FEATURE_REFERENCE_TSC | \
			 HV_FEATURE_FREQUENCY_MSRS)
#define CHILD_EBX	(HV_PRIVILEGE_POST_MESSAGES | \
			 HV_PRIVILEGE_SIGNAL_EVENTS)
#define COMMON_EDX	(HV_FEATURE_EDX_FREQUENCY_MSRS | \
			 HV_FEATURE_EDX_STIMER_DIRECT)
/* For lazy EOI, which guests use together with the synthetic APIC's MSRs. */
#define COMMON_HINTS	(HV_HINT_APIC_ACCESS | HV_HINT_DEPRECATING_AEOI)
#define CHILD_HINTS	(COMMON_HINTS | HV_HINT_REMOTE_TLB_FLUSH | \
			 HV_HINT_RELAXED_TIMING | HV_HINT_CLUSTER_IPI | \
			 HV_HINT_EX_PROCESSOR_MASKS)

static struct cpuid_result
cpuid_hypervisor(const struct vp *vp, uint32_t leaf)
{
	bool root = vp->part->is_root;

	switch (leaf) {
	case HV_CPUID_VENDOR:
		return (struct cpuid_result){ HV_CPUID_NESTED,
		    HV_CPUID_VENDOR_EBX, HV_CPUID_VENDOR_ECX,
		    HV_CPUID_VENDOR_EDX };
	case HV_CPUID_INTERFACE:
		return (struct cpuid_result){ .eax = HV_CPUID_INTERFACE_EAX };
	case HV_CPUID_VERSION:
		return (struct cpuid_result){ .eax = HV_CPUID_BUILD_MAX,
		    .ebx = 10u << 16 };
	case HV_CPUID_FEATURES:
		return (struct cpuid_result){
		    .eax = (uint32_t)vp->part->privileges,
		    .ebx = (uint32_t)(vp->part->privileges >> 32),
		    .edx = COMMON_EDX |
			(root ? 0 : HV_FEATURE_EDX_CRASH_MSR) };
	case HV_CPUID_HINTS:
		return (struct cpuid_result){
		    .eax = root ? COMMON_HINTS : CHILD_HINTS,
		    .ebx = HV_HINT_EBX_NO_SPIN_NOTIFY };
	case HV_CPUID_LIMITS:
		return (struct cpuid_result){ .eax = PARTITION_MAX_VPS,
		    .ebx = LP_MAX };
	default:
		return (struct cpuid_result){ 0 };
	}
}

uint64_t
cpuid_privileges(bool root)
{
	uint32_t eax = root ? ROOT_EAX : CHILD_EAX;

	return (uint64_t)(root ? ROOT_EBX : CHILD_EBX) << 32 | eax;
}

/*
 * Leaf D: only the components we can save.  A VP's XCR0 is live while we
 * handle its exit, so the size of what is enabled is right as it is.
 */
static void
cpuid_xsave(struct cpuid_result *r, uint32_t subleaf)
{
	if (subleaf == 0) {
		r->eax = (uint32_t)fpu_components();
		r->ecx = fpu_area_size();
		r->edx = 0;
	} else if (subleaf == 1) {
		r->eax &= ~LEAFD_EAX_XSAVES;
		r->ebx = r->ecx = r->edx = 0;
	} else if (subleaf < 64 && (fpu_components() >> subleaf & 1) == 0) {
		*r = (struct cpuid_result){ 0 };
	}
}

/* A child's topology: as many sockets of one core as it has processors. */
static void
cpuid_child_topology(const struct vp *vp, uint32_t leaf, uint32_t subleaf,
    struct cpuid_result *r)
{
	switch (leaf) {
	case 1:
		r->ebx = (r->ebx & 0xffff) | 1u << 16 | vp->apic.id << 24;
		r->edx &= ~(1u << 28);
		break;
	case 4:
	case 0x8000001d:
		r->eax &= 0x3fff;	/* nobody shares its caches */
		break;
	case 0xb:
	case 0x1f:
		*r = (struct cpuid_result){
		    .ebx = subleaf < 2 ? 1 : 0,
		    .ecx = subleaf | (subleaf < 2 ? (subleaf + 1) << 8 : 0),
		    .edx = vp->apic.id };
		break;
	case 0x80000008:
		r->ecx = 0;
		break;
	case 0x8000001e:
		*r = (struct cpuid_result){ .eax = vp->apic.id,
		    .ebx = vp->apic.id };
		break;
	}
}

/* What a child is not given, whatever the processor has. */
static void
cpuid_child_features(const struct vp *vp, uint32_t leaf, uint32_t subleaf,
    struct cpuid_result *r)
{
	switch (leaf) {
	case 1:
		r->ecx &= ~LEAF1_ECX_MONITOR;
		r->ecx |= LEAF1_ECX_X2APIC;
		break;
	case 5:
	case 6:
	case 0xa:
	case 0x80000007:
		r->eax = r->ebx = r->ecx = 0;
		r->edx = leaf == 0x80000007 ?
		    r->edx & EXT7_EDX_INVARIANT_TSC : 0;
		break;
	case 7:
		if (subleaf == 0) {
			r->ebx &= ~LEAF7_EBX_TSC_ADJUST;
			r->edx &= ~LEAF7_EDX_HIDDEN;
		}
		break;
	case 0x80000001:
		r->ecx &= ~EXT1_ECX_HIDDEN;
		break;
	case 0x80000008:
		r->ebx &= ~EXT8_EBX_HIDDEN;
		break;
	case 0x8000000a:
	case 0x8000001b:
	case 0x8000001c:
	case 0x8000001f:
	case 0x80000020:
	case 0x80000022:
		*r = (struct cpuid_result){ 0 };
		break;
	}
	cpuid_child_topology(vp, leaf, subleaf, r);
}

/* What nobody is given: our own extension, and state we do not switch. */
static void
cpuid_common(const struct vp *vp, uint32_t leaf, uint32_t subleaf,
    struct cpuid_result *r)
{
	switch (leaf) {
	case 1:
		r->ecx &= ~(LEAF1_ECX_VMX | LEAF1_ECX_OSXSAVE |
		    LEAF1_ECX_TSC_DEADLINE);
		r->ecx |= HV_CPUID_1_ECX_HYPERVISOR;
		if ((vendor_register(vp, HV_REGISTER_CR4) & CR4_OSXSAVE) != 0)
			r->ecx |= LEAF1_ECX_OSXSAVE;
		break;
	case 7:
		if (subleaf != 0)
			break;
		r->ecx &= ~(LEAF7_ECX_SHSTK | LEAF7_ECX_LA57 |
		    LEAF7_ECX_OSPKE);
		if ((vendor_register(vp, HV_REGISTER_CR4) & CR4_PKE) != 0)
			r->ecx |= LEAF7_ECX_OSPKE;
		r->edx &= ~LEAF7_EDX_IBT;
		break;
	case 0xd:
		cpuid_xsave(r, subleaf);
		break;
	case 0x80000001:
		r->ecx &= ~EXT1_ECX_SVM;
		break;
	case 0x8000000a:
		*r = (struct cpuid_result){ 0 };
		break;
	}
}

struct cpuid_result
cpuid_default(const struct vp *vp, uint32_t leaf, uint32_t subleaf)
{
	struct cpuid_result r;

	if (leaf - HV_CPUID_HYPERVISOR_FIRST <=
	    HV_CPUID_HYPERVISOR_LAST - HV_CPUID_HYPERVISOR_FIRST)
		return cpuid_hypervisor(vp, leaf);
	r = cpuid(leaf, subleaf);
	cpuid_common(vp, leaf, subleaf, &r);
	if (!vp->part->is_root)
		cpuid_child_features(vp, leaf, subleaf, &r);
	return r;
}

static const struct cpuid_override *
cpuid_override_find(const struct cpuid_overrides *all, uint32_t leaf,
    uint32_t subleaf)
{
	uint32_t count = atomic_load(&all->count);

	for (uint32_t i = 0; i < count; i++) {
		const struct cpuid_override *o = &all->entry[i];

		if (o->leaf == leaf && (o->any_subleaf ||
		    o->subleaf == subleaf))
			return o;
	}
	return NULL;
}

bool
cpuid_read(const struct vp *vp, uint32_t leaf, uint32_t subleaf,
    struct cpuid_result *r)
{
	const struct cpuid_overrides *all = atomic_load(&vp->part->cpuids);
	const struct cpuid_override *o;

	*r = cpuid_default(vp, leaf, subleaf);
	if (all == NULL)
		return true;
	o = cpuid_override_find(all, leaf, subleaf);
	if (o == NULL)
		return true;
	r->eax = (r->eax & ~o->mask[0]) | (o->value[0] & o->mask[0]);
	r->ebx = (r->ebx & ~o->mask[1]) | (o->value[1] & o->mask[1]);
	r->ecx = (r->ecx & ~o->mask[2]) | (o->value[2] & o->mask[2]);
	r->edx = (r->edx & ~o->mask[3]) | (o->value[3] & o->mask[3]);
	return !o->intercept;
}

void
exit_cpuid(struct vp *vp)
{
	uint64_t *gpr = vp->regs.gpr;
	struct cpuid_result r;

	vp->exits[VP_EXIT_CPUID]++;
	if (!cpuid_read(vp, (uint32_t)gpr[GPR_RAX], (uint32_t)gpr[GPR_RCX],
	    &r)) {
		intercept_cpuid(vp, &r);
		return;
	}
	gpr[GPR_RAX] = r.eax;
	gpr[GPR_RBX] = r.ebx;
	gpr[GPR_RCX] = r.ecx;
	gpr[GPR_RDX] = r.edx;
	vp_skip(vp, 2);
}
