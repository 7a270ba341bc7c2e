/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual machine control block, AMD64 manual volume 2, appendix B. */
#ifndef HV_X86_SVM_VMCB_H
#define HV_X86_SVM_VMCB_H

#include "core/types.h"

struct vmcb_segment {
	uint16_t selector;
	uint16_t attributes;	/* bits 55:52 and 47:40 of the descriptor */
	uint32_t limit;
	uint64_t base;
};

/* Where vmcb_save.segment has them. */
enum {
	VMCB_ES, VMCB_CS, VMCB_SS, VMCB_DS, VMCB_FS, VMCB_GS, VMCB_GDTR,
	VMCB_LDTR, VMCB_IDTR, VMCB_TR, VMCB_SEGMENTS
};

struct vmcb_control {
	uint32_t reserved_0[2];
	uint32_t intercept_exception;
	uint32_t intercept3;
	uint32_t intercept4;
	uint8_t reserved_14[0x40 - 0x14];
	uint64_t iopm_base;
	uint64_t msrpm_base;
	uint64_t tsc_offset;
	uint32_t asid;
	uint8_t tlb_control;
	uint8_t reserved_5d[3];
	uint32_t int_ctl;
	uint32_t int_vector;
	uint64_t int_state;
	uint64_t exit_code;
	uint64_t exit_info1;
	uint64_t exit_info2;
	uint64_t exit_int_info;
	uint64_t np_control;
	uint64_t reserved_98[2];
	uint64_t event_inj;
	uint64_t nested_cr3;
	uint64_t reserved_b8[2];
	uint64_t next_rip;
	uint8_t insn_count;
	uint8_t insn_bytes[15];
	uint8_t reserved_e0[0x400 - 0xe0];
};

struct vmcb_save {
	struct vmcb_segment segment[VMCB_SEGMENTS];
	uint8_t reserved_a0[0xcb - 0xa0];
	uint8_t cpl;
	uint32_t reserved_cc;
	uint64_t efer;
	uint8_t reserved_d8[0x148 - 0xd8];
	uint64_t cr4;
	uint64_t cr3;
	uint64_t cr0;
	uint64_t dr7;
	uint64_t dr6;
	uint64_t rflags;
	uint64_t rip;
	uint8_t reserved_180[0x1d8 - 0x180];
	uint64_t rsp;
	uint64_t reserved_1e0[3];
	uint64_t rax;
	uint64_t star;
	uint64_t lstar;
	uint64_t cstar;
	uint64_t sfmask;
	uint64_t kernel_gs_base;
	uint64_t sysenter_cs;
	uint64_t sysenter_esp;
	uint64_t sysenter_eip;
	uint64_t cr2;
	uint8_t reserved_248[0x268 - 0x248];
	uint64_t pat;
	uint8_t reserved_270[0xc00 - 0x270];
};

struct vmcb {
	struct vmcb_control control;
	struct vmcb_save save;
};
_Static_assert(sizeof(struct vmcb) == PAGE_SIZE, "one page");
_Static_assert(offsetof(struct vmcb, control.iopm_base) == 0x40, "APM B-1");
_Static_assert(offsetof(struct vmcb, control.exit_code) == 0x70, "APM B-1");
_Static_assert(offsetof(struct vmcb, control.event_inj) == 0xa8, "APM B-1");
_Static_assert(offsetof(struct vmcb, control.insn_count) == 0xd0, "APM B-1");
_Static_assert(offsetof(struct vmcb, save.cpl) == 0x4cb, "APM B-2");
_Static_assert(offsetof(struct vmcb, save.cr4) == 0x548, "APM B-2");
_Static_assert(offsetof(struct vmcb, save.rsp) == 0x5d8, "APM B-2");
_Static_assert(offsetof(struct vmcb, save.rax) == 0x5f8, "APM B-2");
_Static_assert(offsetof(struct vmcb, save.cr2) == 0x640, "APM B-2");
_Static_assert(offsetof(struct vmcb, save.pat) == 0x668, "APM B-2");

/* intercept3 */
#define SVM_I3_INTR		(1u << 0)
#define SVM_I3_NMI		(1u << 1)
#define SVM_I3_INIT		(1u << 3)
#define SVM_I3_VINTR		(1u << 4)
#define SVM_I3_RDPMC		(1u << 15)
#define SVM_I3_IRET		(1u << 20)
#define SVM_I3_RSM		(1u << 19)
#define SVM_I3_CPUID		(1u << 18)
#define SVM_I3_INVD		(1u << 22)
#define SVM_I3_HLT		(1u << 24)
#define SVM_I3_INVLPGA		(1u << 26)
#define SVM_I3_IOIO		(1u << 27)
#define SVM_I3_MSR		(1u << 28)
#define SVM_I3_SHUTDOWN		(1u << 31)

/* intercept4 */
#define SVM_I4_VMRUN		(1u << 0)
#define SVM_I4_VMMCALL		(1u << 1)
#define SVM_I4_VMLOAD		(1u << 2)
#define SVM_I4_VMSAVE		(1u << 3)
#define SVM_I4_STGI		(1u << 4)
#define SVM_I4_CLGI		(1u << 5)
#define SVM_I4_SKINIT		(1u << 6)
#define SVM_I4_WBINVD		(1u << 9)
#define SVM_I4_MONITOR		(1u << 10)
#define SVM_I4_MWAIT		(1u << 11)
#define SVM_I4_XSETBV		(1u << 13)
#define SVM_I4_RDPRU		(1u << 14)

/* int_ctl */
#define SVM_V_TPR_MASK		0xfu
#define SVM_V_IRQ		(1u << 8)
#define SVM_V_PRIO_SHIFT	16
#define SVM_V_INTR_MASKING	(1u << 24)

#define SVM_INT_SHADOW		1u
#define SVM_NP_ENABLE		1u

#define SVM_TLB_FLUSH_ALL	1u
#define SVM_TLB_FLUSH_ASID	3u

/* event_inj and exit_int_info */
#define SVM_EVENT_TYPE_SHIFT	8
#define SVM_EVENT_TYPE_MASK	7u
#define SVM_EVENT_INTR		0u
#define SVM_EVENT_NMI		2u
#define SVM_EVENT_EXCEPTION	3u
#define SVM_EVENT_HAS_ERROR	(1u << 11)
#define SVM_EVENT_VALID		(1u << 31)

enum svm_exit {
	SVM_EXIT_EXCEPTION	= 0x40,	/* + vector, to 0x5f */
	SVM_EXIT_INTR		= 0x60,
	SVM_EXIT_NMI		= 0x61,
	SVM_EXIT_INIT		= 0x63,
	SVM_EXIT_VINTR		= 0x64,
	SVM_EXIT_RDPMC		= 0x6f,
	SVM_EXIT_CPUID		= 0x72,
	SVM_EXIT_IRET		= 0x74,
	SVM_EXIT_INVD		= 0x76,
	SVM_EXIT_HLT		= 0x78,
	SVM_EXIT_IOIO		= 0x7b,
	SVM_EXIT_MSR		= 0x7c,
	SVM_EXIT_SHUTDOWN	= 0x7f,
	SVM_EXIT_VMMCALL	= 0x81,
	SVM_EXIT_WBINVD		= 0x89,
	SVM_EXIT_XSETBV		= 0x8d,
	SVM_EXIT_NPF		= 0x400,
};

/* exit_info1 of an I/O exit */
#define SVM_IO_IN		(1u << 0)
#define SVM_IO_STRING		(1u << 2)
#define SVM_IO_REP		(1u << 3)
#define SVM_IO_SIZE(info)	(((info) >> 4) & 7)
#define SVM_IO_PORT(info)	((uint16_t)((info) >> 16))

/* exit_info1 of a nested page fault */
#define SVM_NPF_WRITE		(1u << 1)
#define SVM_NPF_EXEC		(1u << 4)

#endif
