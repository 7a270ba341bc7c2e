/* SPDX-License-Identifier: Apache-2.0 */
/* Brings other processors from reset to lp_main, one at a time. */

#include "x86/smp.h"

#include <mullion/config.h>

#include "boot/boot.h"
#include "core/assert.h"
#include "core/bits.h"
#include "core/memory_access.h"
#include "core/string.h"
#include "x86/cpu.h"
#include "x86/lapic.h"
#include "x86/paging.h"
#include "x86/traps.h"
#include "x86/tsc.h"

/* At the end of trampoline.S, in this layout. */
struct __attribute__((packed)) trampoline_data {
	uint16_t gdt_limit;
	uint32_t gdt_base;
	uint16_t pad;
	uint32_t code_offset;
	uint16_t code_selector;
	uint16_t pad2;
	uint64_t root;
	uint64_t stack;
	uint64_t argument;
	uint64_t entry;
};
_Static_assert(sizeof(struct trampoline_data) == 48, "as trampoline.S has it");

/* The last bytes of a processor's block, above its stack. */
struct lp_top {
	uint32_t lock_ranks;
	uint32_t pad[15];
};
_Static_assert(sizeof(struct lp_top) == 64, "as entry.S leaves room for");
_Static_assert(LP_BLOCK_SIZE == 1u << HV_LOG2_STACK_SIZE,
	"entry.S uses the setting");
_Static_assert(LP_MAX <= HV_MAX_PROCESSORS, "a block for each");

#define CR4_MCE			BIT(6)
#define CR4_PGE			BIT(7)
#define CR4_OSFXSR		BIT(9)
#define CR4_OSXMMEXCPT		BIT(10)
#define CPUID_1_ECX_XSAVE	(UINT32_C(1) << 26)

#define INIT_DELAY_US		10000
#define STARTUP_DELAY_US	200
#define ANSWER_LIMIT_US		1000000
#define ANSWER_STEP_US		50

extern char trampoline_start[];
extern char trampoline_end[];
extern char trampoline_data[];
extern char trampoline_gdt[];		/* an offset in it */
extern char boot_block[];

_Noreturn void smp_enter(struct lp *lp);

/* Guards all below; taken before any that allocating memory needs. */
static struct spinlock start_lock = SPINLOCK_INIT(1);
static spa_t trampoline;
static struct trampoline_data *data;
/* A block stays with its index when its processor did not answer. */
static struct lp *block[HV_MAX_PROCESSORS];
static uint32_t answered;

static struct lp_top *
lp_top(struct lp *lp)
{
	return (struct lp_top *)((char *)lp + LP_BLOCK_SIZE) - 1;
}

uint32_t *
lock_ranks_held(void)
{
	return &lp_top(lp_self())->lock_ranks;
}

struct lp *
smp_boot_lp(void)
{
	return (struct lp *)(void *)boot_block;
}

void
smp_setup_processor(void)
{
	uint64_t cr4 = CR4_PAE | CR4_MCE | CR4_PGE | CR4_OSFXSR |
	    CR4_OSXMMEXCPT;

	if ((cpuid(1, 0).ecx & CPUID_1_ECX_XSAVE) != 0)
		cr4 |= CR4_OSXSAVE;
	__asm__ volatile("mov %0, %%cr0" : :
	    "r"(CR0_PE | BIT(1) | CR0_ET | BIT(5) | CR0_WP | CR0_PG));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4));
	traps_load();
	lapic_enable();
}

void
smp_init(spa_t page)
{
	size_t size = (size_t)(trampoline_end - trampoline_start);
	size_t at = (size_t)(trampoline_data - trampoline_start);
	char *code = spa_to_ptr(page);

	ASSERT(page.v < 0x100000 && size <= PAGE_SIZE);
	trampoline = page;
	memcpy(code, trampoline_start, size);
	data = (struct trampoline_data *)(void *)(code + at);
	data->gdt_base = (uint32_t)(page.v + (uintptr_t)trampoline_gdt);
	data->code_offset += (uint32_t)page.v;
	data->root = paging_trampoline_root(page).v;
	data->entry = (uintptr_t)smp_enter;
	block[0] = smp_boot_lp();
}

/* The other processor's first C code, on its own stack. */
_Noreturn void
smp_enter(struct lp *lp)
{
	__asm__ volatile("mov %0, %%cr3" : : "r"(paging_root().v) : "memory");
	smp_setup_processor();
	lp_register(lp);
	atomic_store(&answered, 1);
	lp_main(lp);
}

static bool
wait_for_answer(uint64_t limit_us)
{
	uint64_t us;

	for (us = 0; us < limit_us; us += ANSWER_STEP_US) {
		if (atomic_load(&answered) != 0)
			return true;
		tsc_delay_us(ANSWER_STEP_US);
	}
	return atomic_load(&answered) != 0;
}

/* INIT, then STARTUP, and that again for processors that missed it. */
static enum hv_status
wake(uint32_t apic_id)
{
	uint32_t page = (uint32_t)(trampoline.v >> PAGE_SHIFT);

	atomic_store(&answered, 0);
	lapic_send(apic_id, LAPIC_INIT);
	tsc_delay_us(INIT_DELAY_US);
	lapic_send(apic_id, LAPIC_STARTUP | page);
	if (wait_for_answer(STARTUP_DELAY_US))
		return HV_SUCCESS;
	lapic_send(apic_id, LAPIC_STARTUP | page);
	return wait_for_answer(ANSWER_LIMIT_US) ? HV_SUCCESS : HV_TIME_OUT;
}

enum hv_status
smp_start(uint32_t lp_index, uint32_t apic_id)
{
	enum hv_status st = HV_INSUFFICIENT_MEMORY;
	struct lp *lp;

	if (lp_index == 0 || lp_index >= LP_MAX)
		return HV_INVALID_LP_INDEX;
	spin_lock(&start_lock);
	lp = block[lp_index];
	if (lp == NULL)
		lp = boot_pages_aligned(LP_BLOCK_SIZE / PAGE_SIZE,
		    LP_BLOCK_SIZE);
	if (lp != NULL) {
		block[lp_index] = lp;
		lp->index = lp_index;
		lp->apic_id = apic_id;
		data->argument = (uintptr_t)lp;
		data->stack = (uintptr_t)lp_top(lp);
		st = wake(apic_id);
	}
	spin_unlock(&start_lock);
	return st;
}
