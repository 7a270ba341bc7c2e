/* SPDX-License-Identifier: Apache-2.0 */
/* A virtual processor: its registers, its interrupt state, what it waits for. */
#ifndef HV_CORE_VP_H
#define HV_CORE_VP_H

#include "core/lock.h"
#include "core/stimer.h"
#include "core/synic.h"
#include "core/timerq.h"
#include <tlfs/registers.h>
#include <tlfs/status.h>
#include "x86/vapic.h"

struct hv_message;
struct lp;
struct partition;
struct hv_stats_page;

/* Order of the general registers in struct vp_regs: the instruction set's. */
enum {
	GPR_RAX, GPR_RCX, GPR_RDX, GPR_RBX, GPR_RSP, GPR_RBP, GPR_RSI, GPR_RDI,
	GPR_R8, GPR_R9, GPR_R10, GPR_R11, GPR_R12, GPR_R13, GPR_R14, GPR_R15,
	GPR_COUNT
};

struct vp_regs {
	uint64_t gpr[GPR_COUNT];
	uint64_t rip;
	uint64_t rflags;
};

/* vp->timer_lp of a VP without a deadline. */
#define VP_NO_LP		UINT32_MAX

/* Bytes of VMMCALL and VMCALL. */
#define HYPERCALL_INSN_LENGTH	3u

/* What somebody asked of a VP; served before it next enters the guest. */
enum {
	VP_REQ_IRQ	= 1u << 0,	/* IRR or its masking changed */
	VP_REQ_TLB	= 1u << 1,	/* forget cached translations */
	VP_REQ_TIMER	= 1u << 2,	/* its deadline has passed */
	VP_REQ_NMI	= 1u << 3,
	VP_REQ_INIT	= 1u << 4,
	VP_REQ_SIPI	= 1u << 5,
	VP_REQ_MESSAGE	= 1u << 6,	/* a message slot may be free again */
	VP_REQ_STOP	= 1u << 7,	/* come out and look at the state */

	/* Those that may end a wait, so the parent must hear of them. */
	VP_REQ_WAKES	= VP_REQ_IRQ | VP_REQ_TIMER | VP_REQ_NMI |
			  VP_REQ_INIT | VP_REQ_SIPI | VP_REQ_STOP,
};

enum vp_activity {
	VP_ACTIVE,
	VP_HALTED,		/* HLT: wakes on an interrupt it would take */
	VP_IDLE,		/* guest idle: wakes on any pending interrupt */
	VP_WAIT_SIPI,
	VP_SHUTDOWN,		/* triple fault; only a reset leaves it */
};

/* Why exits are counted; the order is that of the names in stats. */
enum vp_exit {
	VP_EXIT_CPUID, VP_EXIT_MSR, VP_EXIT_HLT, VP_EXIT_IO, VP_EXIT_HYPERCALL,
	VP_EXIT_INTERRUPT, VP_EXIT_MEMORY, VP_EXIT_EXCEPTION, VP_EXIT_APIC,
	VP_EXIT_OTHER, VP_EXIT_KINDS
};

/* An exception or NMI that the next entry delivers. */
struct vp_event {
	bool valid;
	bool has_error;
	uint8_t type;		/* HV_INTERRUPTION_TYPE_* */
	uint8_t vector;
	uint32_t error;
};

/* Model-specific registers that are plain storage for a child. */
struct vp_msrs {
	uint64_t mtrr_def_type;
	uint64_t mtrr_base[8];
	uint64_t mtrr_mask[8];
	uint64_t mtrr_fixed[11];
	uint64_t tsc_aux;
	uint64_t tsc_adjust;
	uint64_t misc_enable;
	uint64_t spec_ctrl;
	uint64_t xss;
};

/*
 * One page of the partition's pool.  Who runs or reads a VP holds its claim;
 * only `requests`, `blocked`, the IRR of `apic` and the signal
 * fields (under the lock of their queue) are touched by others.
 */
struct vp {
	struct vp_regs regs;
	void *arch;		/* the vendor's page: VMCB */
	void *fpu;		/* XSAVE area, one page */
	struct partition *part;
	uint32_t index;
	uint32_t claimed;	/* atomic */

	uint32_t requests;	/* atomic, VP_REQ_* */
	uint32_t blocked;	/* atomic: the parent waits for our signal */
	uint32_t lp_index;	/* where it runs or ran last */

	enum vp_activity activity;
	bool explicit_suspend;
	bool intercept_suspend;
	bool dispatch_suspend;
	bool nmi_masked;
	bool nmi_pending;
	bool tlb_flush;		/* the next entry forgets translations */
	uint8_t sipi_vector;
	uint8_t eoi_vector;	/* level interrupt ended, to be reported */
	bool stepped;		/* no interrupt shadow is left */
	bool attention;		/* look at it all before the next entry */
	uint8_t insn_length;	/* of the exit, if the processor told; else 0 */
	int16_t irq_offered;	/* vector the processor may take, -1 none */
	bool no_eoi;		/* apic_no_eoi_decide() said so */
	struct vp_event event;

	struct vapic apic;
	struct spinlock synic_lock;	/* rank LOCK_RANK_SYNIC */
	struct synic synic;
	uint32_t ring_notify;		/* atomic: SINTs whose ring has news */
	struct stimers timers;
	struct timerq_node timer;
	uint32_t timer_lp;	/* whose queue holds it, ~0 none */

	uint16_t notify_sints;	/* the parent waits for these slots */
	uint64_t emulation_hints;
	uint64_t pending_event1;
	uint64_t intermediate[4];
	uint64_t xcr0;
	uint64_t dr[4];
	uint64_t asid;		/* vendor */
	uint64_t asid_generation;
	uint64_t tsc_offset;
	struct vp_msrs msr;

	void *page[SYNIC_PAGES];	/* ours, shown where the guest asks */
	struct hv_message *intercept_page;	/* NULL while unmapped */
	struct hv_vp_register_page *register_page;
	struct hv_stats_page *stats;

	struct vp *deleted_next;	/* of those waiting for the end */

	/* Scheduler signals to the parent. */
	struct vp *signal_next;
	bool signal_queued;	/* atomic: a VP is in one queue at most */
	uint32_t signal_lp;	/* whose queue that is */
	uint64_t signal_count;	/* VP_ROOT_SIGNAL_COUNT */

	/* How long it may keep a processor while it is halted: scheduler.c. */
	uint64_t hold_ticks;
	uint64_t blocked_at;
	bool woken_from_afar;	/* last time, by another processor */

	/* Accounting, TSC ticks and counts. */
	uint64_t run_tsc;
	uint64_t stats_at;	/* when its page was last brought up to date */
	uint64_t exits[VP_EXIT_KINDS];
};
_Static_assert(sizeof(struct vp) <= PAGE_SIZE, "one page");

/*
 * Create VP @index of @part from its pool, in the architectural reset state.
 * The caller has its lock. Errors: HV_INSUFFICIENT_MEMORY (deposit and retry).
 */
enum hv_status vp_create(struct partition *part, uint32_t index);

/*
 * The same for a zeroed @vp that has its pages: one of the parent's. The caller
 * has the lock of @part, where the VP can be found from then on.
 */
void vp_setup(struct vp *vp, struct partition *part, uint32_t index,
    uint32_t apic);

/* Give back everything that @vp holds; it must not be claimed. */
void vp_destroy(struct vp *vp);

/* Architectural reset: power-on, or by INIT. */
void vp_reset(struct vp *vp, bool init);

/* Sole access to the state of @vp, while it does not run; false if taken. */
bool vp_claim(struct vp *vp);
void vp_release(struct vp *vp);

/* Ask @vp for @bits from any processor; wakes or kicks it as needed. */
void vp_request(struct vp *vp, uint32_t bits);

/* Wait until @vp has left the guest, so that it sees a VP_REQ_TLB, or has. */
void vp_wait_out(const struct vp *vp);

/* Raise @vector in the local APIC of @vp, from any processor. */
void vp_interrupt(struct vp *vp, uint8_t vector, enum vapic_kind kind);

/*
 * Serve what was asked and tell whether @vp can run: called by the owner of
 * the claim, before each entry.
 */
bool vp_ready(struct vp *vp);

/*
 * Advance RIP over the instruction that exited, @length bytes long, unless
 * the processor told how long it is.
 */
static inline void
vp_skip(struct vp *vp, uint32_t length)
{
	vp->regs.rip += vp->insn_length != 0 ? vp->insn_length : length;
	vp->stepped = true;
}

/* Put back what the processor did not take; learn what the guest has ended. */
void vp_irq_withdraw(struct vp *vp);

/* Have the next entry deliver an exception. */
void vp_inject_exception(struct vp *vp, uint8_t vector, bool has_error,
    uint32_t error);
#define VP_INJECT_UD(vp)	vp_inject_exception((vp), 6, false, 0)
#define VP_INJECT_GP(vp)	vp_inject_exception((vp), 13, true, 0)

/* Reference time of the earliest timer of @vp as TSC; ~0 if there is none. */
uint64_t vp_deadline(const struct vp *vp);

/* Deliver what the timers of @vp owe, and messages that found no slot. */
void vp_timers_expire(struct vp *vp);

/* Recompute the deadline of @vp from its timers and queue it. */
void vp_timer_update(struct vp *vp);

#endif
