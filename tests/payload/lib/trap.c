/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptor tables and what happens on a trap. */
#include "lib/trap.h"

#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/payload.h"
#include "lib/smp.h"

#define SEL_CODE 0x08
#define SEL_DATA 0x10
#define SEL_TASK 0x30
#define GATE_INTERRUPT 0x8e
#define GATE_USER 0xee
#define TASK_STACK_SIZE 8192

struct gate {
	uint16_t offset_low, selector;
	uint8_t stack, type;
	uint16_t offset_mid;
	uint32_t offset_high, zero;
};
_Static_assert(sizeof(struct gate) == 16, "architecture");

struct __attribute__((packed)) task_state {
	uint32_t zero;
	uint64_t rsp[3];
	uint64_t unused[9];
	uint16_t zero2, io_map;
};
_Static_assert(sizeof(struct task_state) == 104, "architecture");

struct __attribute__((packed)) table_pointer {
	uint16_t limit;
	uint64_t base;
};

/* At the base of GS. The offsets are known to TRY and to cpu_number(). */
struct cpu {
	struct cpu *self;
	uint64_t fixup;
	uint64_t vector;
	uint64_t error;
	uint64_t number;
	struct task_state task;
	uint8_t task_stack[TASK_STACK_SIZE] __attribute__((aligned(16)));
};

extern const uint8_t vector_table[256][16];
extern uint64_t gdt[];
extern const struct table_pointer gdt_pointer;

volatile uint64_t interrupts_seen[256];
volatile uint64_t interrupts_against_if;

static struct gate gates[256];
static trap_handler *handlers[256];
static struct cpu cpus[SMP_MAX];
static struct trap_frame *user_frame;

static struct cpu *
cpu_self(void)
{
	struct cpu *c;

	__asm__ volatile("mov %%gs:0, %0" : "=r"(c));
	return c;
}

static void
task_describe(uint32_t number, const struct task_state *task)
{
	uint64_t base = (uintptr_t)task;
	uint64_t *entry = &gdt[SEL_TASK / 8 + 2 * number];

	entry[0] = (sizeof(*task) - 1) | (base & 0xffffff) << 16 |
	    UINT64_C(0x89) << 40 | (base >> 24 & 0xff) << 56;
	entry[1] = base >> 32;
}

/* Our segments, also where a loader had entered us with its own. */
static void
segments_load(void)
{
	__asm__ volatile("lgdt %0\n\t"
	    "push %1\n\t"
	    "lea 1f(%%rip), %%rax\n\t"
	    "push %%rax\n\t"
	    "lretq\n"
	    "1:\tmov %2, %%ds\n\t"
	    "mov %2, %%es\n\t"
	    "mov %2, %%ss"
	    : : "m"(gdt_pointer), "i"(SEL_CODE), "r"(SEL_DATA)
	    : "rax", "memory");
}

static void
gate_fill(unsigned vector, uintptr_t at)
{
	gates[vector] = (struct gate){
		.offset_low = (uint16_t)at,
		.selector = SEL_CODE,
		.type = vector == VEC_BP ? GATE_USER : GATE_INTERRUPT,
		.offset_mid = (uint16_t)(at >> 16),
		.offset_high = (uint32_t)(at >> 32),
	};
}

static void
gates_fill(void)
{
	for (unsigned i = 0; i < 256; i++)
		gate_fill(i, (uintptr_t)vector_table[i]);
}

void
trap_set_entry(uint8_t vector, void (*entry)(void))
{
	gate_fill(vector, (uintptr_t)entry);
}

void
trap_setup_cpu(uint32_t number)
{
	struct table_pointer p = { sizeof(gates) - 1, (uintptr_t)gates };
	struct cpu *c = &cpus[number];

	if (number == 0)
		gates_fill();
	c->self = c;
	c->number = number;
	c->task.rsp[0] = (uintptr_t)c->task_stack + TASK_STACK_SIZE;
	c->task.io_map = sizeof(c->task);
	task_describe(number, &c->task);
	segments_load();
	__asm__ volatile("ltr %w0" : : "r"(SEL_TASK + 16 * number));
	__asm__ volatile("lidt %0" : : "m"(p));
	msr_write(MSR_GS_BASE, (uintptr_t)c);
}

void
trap_set_handler(uint8_t vector, trap_handler *handler)
{
	handlers[vector] = handler;
}

static void
interrupt_count(struct trap_frame *f)
{
	__atomic_add_fetch(&interrupts_seen[f->vector], 1, __ATOMIC_SEQ_CST);
	if (f->vector >= 32 && (f->rflags & RFLAGS_IF) == 0)
		__atomic_add_fetch(&interrupts_against_if, 1,
		    __ATOMIC_SEQ_CST);
}

static void
exception_report(const struct trap_frame *f)
{
	payload_fail("trap %lu error 0x%lx at 0x%lx address 0x%lx on VP %u",
	    f->vector, f->error, f->rip, cr2_read(), cpu_number());
}

void
trap_handle(struct trap_frame *f)
{
	struct cpu *c = cpu_self();

	interrupt_count(f);
	if ((f->cs & 3) != 0 && f->vector < 32) {
		*user_frame = *f;
		user_return(f->vector);
	}
	if (handlers[f->vector] != NULL) {
		handlers[f->vector](f);
	} else if (f->vector >= 32) {
		apic_end_interrupt();
	} else if (c->fixup != 0) {
		c->vector = f->vector;
		c->error = f->error;
		f->rip = c->fixup;
		c->fixup = 0;
	} else if (f->vector != VEC_NMI) {
		exception_report(f);
	}
}

uint64_t
user_run(void (*code)(void), void *stack, struct trap_frame *frame)
{
	user_frame = frame;
	return user_enter(code, stack);
}
