/* SPDX-License-Identifier: Apache-2.0 */
/* A logical processor: what one physical thread runs and waits for. */
#ifndef HV_CORE_LP_H
#define HV_CORE_LP_H

#include "core/lock.h"
#include "core/timerq.h"

struct vp;

/*
 * Each processor owns one naturally aligned block of LP_BLOCK_SIZE bytes:
 * struct lp at the bottom, its stack growing down from the top.  So the
 * stack pointer alone finds it, whatever GS holds after an exit.
 */
#define LP_BLOCK_SIZE	16384ul
#define LP_MAX		64u

/* Physical vectors of the hypervisor; above every vector of a device. */
#define LP_VECTOR_TIMER	0xfcu
#define LP_VECTOR_KICK	0xfdu

struct lp {
	uint32_t index;
	uint32_t apic_id;	/* physical x2APIC id */
	struct vp *root_vp;	/* the parent's VP that is pinned here */
	struct vp *dispatched;	/* child that DISPATCH_VP runs here, or NULL */
	struct vp *loaded;	/* whose FPU, debug and VMLOAD state is live */

	/*
	 * Odd while in a guest or asleep: then, and only then, a request must
	 * be followed by a kick.
	 */
	uint64_t guest_epoch;
	uint64_t dispatch_output;	/* where DISPATCH_VP wants its answer */

	struct spinlock signal_lock;	/* rank LOCK_RANK_SIGNAL */
	struct vp *signal_first;	/* children the root VP must be told of */
	struct vp *signal_last;

	struct spinlock timer_lock;	/* rank LOCK_RANK_TIMER */
	struct timerq timers;	/* VPs by deadline, in TSC ticks */
	uint64_t armed;		/* what the physical timer is set to, ~0 off */

	uint64_t hold_until;	/* a halted child may stay here, in TSC */
	uint64_t asid_next;	/* vendor: next free address space id */
	uint64_t asid_generation;
	bool flush_owed;	/* vendor: ids are used anew, none is flushed */

	uint64_t loaded_at;	/* TSC when `loaded` came */
	uint64_t idle_tsc;	/* time asleep */
	uint64_t started;	/* TSC when the processor joined */
	void *vendor;		/* the vendor's pages of this processor */
};

/* The processor that executes this, found from the stack pointer. */
static inline struct lp *
lp_self(void)
{
	uintptr_t sp;

	__asm__("mov %%rsp, %0" : "=r"(sp));
	return (struct lp *)(sp & ~(LP_BLOCK_SIZE - 1));
}

/* Run VPs on this processor for ever. */
_Noreturn void lp_main(struct lp *lp);

/* Processor @index, or NULL when it has not been started. */
struct lp *lp_get(uint32_t index);

/* The one with that physical APIC id, or NULL. */
struct lp *lp_by_apic_id(uint32_t apic_id);

/* How many processors run. */
uint32_t lp_count(void);

/* Enter @lp into the table; called once, before lp_main(). */
void lp_register(struct lp *lp);

/* Force @lp out of guest mode or idle; returns at once. */
void lp_kick(struct lp *lp);

/* A physical interrupt that arrived in the window after an exit. */
void lp_interrupt(uint32_t vector);

/* A physical NMI: it belongs to the parent. */
void lp_nmi(void);

/* Put the live state of @vp into its memory, if it is on @lp. */
void lp_unload(struct lp *lp, struct vp *vp);

/* Have the physical timer fire at the earliest deadline of @lp. */
void lp_timer_update(struct lp *lp);

#endif
