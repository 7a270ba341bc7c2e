/* SPDX-License-Identifier: Apache-2.0 */
/* AMD SVM: detection, turning it on, and the table of its operations. */
#include "boot/boot.h"
#include "core/lp.h"
#include "core/memory_access.h"
#include "core/print.h"
#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/svm/svm.h"
#include "x86/vendor.h"

#define CPUID_SVM		0x8000000au
#define SVM_NP			(1u << 0)
#define SVM_NEXT_RIP		(1u << 3)
#define SVM_FLUSH_BY_ASID	(1u << 6)
#define SVM_DECODE_ASSISTS	(1u << 7)

#define VM_CR_SVMDIS		(1u << 4)

struct svm_features svm_features;

static const char *
svm_missing(void)
{
	struct cpuid_result c = cpuid(0x80000000, 0);

	if (c.eax < CPUID_SVM || (cpuid(0x80000001, 0).ecx & (1u << 2)) == 0)
		return "an AMD processor with SVM (turn on \"SVM mode\" in the "
		    "firmware; under QEMU use -cpu max)";
	if ((rdmsr(MSR_VM_CR) & VM_CR_SVMDIS) != 0)
		return "SVM, which the firmware has disabled (turn on \"SVM "
		    "mode\" in its setup)";
	c = cpuid(CPUID_SVM, 0);
	if ((c.edx & SVM_NP) == 0)
		return "nested paging (NPT) in the processor";
	svm_features.next_rip = (c.edx & SVM_NEXT_RIP) != 0;
	svm_features.flush_by_asid = (c.edx & SVM_FLUSH_BY_ASID) != 0;
	svm_features.decode_assists = (c.edx & SVM_DECODE_ASSISTS) != 0;
	svm_features.asids = c.ebx;
	if (c.ebx < 2)
		return "address space identifiers in the processor";
	svm_maps_init();
	return NULL;
}

static void
svm_describe(char *buf, size_t size)
{
	const struct svm_features *f = &svm_features;

	format_text(buf, size, "SVM, nested paging, %u ASIDs%s%s%s", f->asids,
	    f->next_rip ? ", next RIP" : "",
	    f->decode_assists ? ", decode assists" : "",
	    f->flush_by_asid ? ", flush by ASID" : "");
}

/*
 * From here on this processor runs the hypervisor with GIF = 0 and IF = 1:
 * nothing interrupts it but in lp_window().
 */
static void
svm_lp_start(struct lp *lp)
{
	lp->vendor = boot_pages(1);
	lp->asid_next = 1;
	lp->asid_generation = 1;
	wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
	wrmsr(MSR_VM_HSAVE_PA, ptr_to_spa(lp->vendor).v);
	__asm__ volatile("clgi; sti" ::: "memory");
}

static void
svm_lp_window(bool idle)
{
	/* STI holds interrupts back for one instruction: none is missed. */
	if (idle)
		__asm__ volatile("cli; stgi; sti; hlt; clgi" ::: "memory");
	else
		__asm__ volatile("stgi; nop; clgi" ::: "memory");
}

static void
svm_vp_load(struct vp *vp)
{
	__asm__ volatile("vmload %%rax" :: "a"(ptr_to_spa(vp->arch).v)
	    : "memory");
}

static void
svm_vp_save(struct vp *vp)
{
	__asm__ volatile("vmsave %%rax" :: "a"(ptr_to_spa(vp->arch).v)
	    : "memory");
}

static const uint8_t hypercall_code[] = {
	0x0f, 0x01, 0xd9,	/* VMMCALL */
	0xc3,			/* RET */
};

const struct vendor vendor_svm = {
	.name = "AMD SVM",
	.nested = &svm_nested_format,
	.hypercall_code = hypercall_code,
	.hypercall_code_size = sizeof(hypercall_code),
	.missing = svm_missing,
	.describe = svm_describe,
	.lp_start = svm_lp_start,
	.vp_create = svm_vp_create,
	.vp_reset = svm_vp_reset,
	.vp_load = svm_vp_load,
	.vp_save = svm_vp_save,
	.vp_run = svm_vp_run,
	.lp_window = svm_lp_window,
	.register_get = svm_register_get,
	.register_set = svm_register_set,
	.insn_bytes = svm_insn_bytes,
	.intercepts_update = svm_intercepts_update,
};
