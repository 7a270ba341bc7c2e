/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptor tables, and what becomes of an exception: nearly always a dump. */

#include "x86/traps.h"

#include <stdarg.h>

#include <mullion/build-id.h>

#include "core/assert.h"
#include "core/atomic.h"
#include "core/lp.h"
#include "core/print.h"
#include "x86/backtrace.h"
#include "x86/console.h"
#include "x86/cpu.h"
#include "x86/lapic.h"

#define STUB_SIZE		16
#define GATE_INTERRUPT		0x8e

struct gate {
	uint16_t offset_low;
	uint16_t selector;
	uint8_t ist;
	uint8_t kind;
	uint16_t offset_mid;
	uint32_t offset_high;
	uint32_t reserved;
};
_Static_assert(sizeof(struct gate) == 16, "as the processor reads it");

struct __attribute__((packed)) table_pointer {
	uint16_t limit;
	uint64_t base;
};

/* As the stubs push it, from the lowest address. */
struct trap_frame {
	uint64_t rax, rcx, rdx, rbx, rbp, rsi, rdi;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t vector;
	uint64_t error;
	uint64_t rip, cs, rflags, rsp, ss;
};

extern const char trap_stubs[];
extern const char calibration_entry[];
extern const char spurious_entry[];

void trap_exception(struct trap_frame *f);
void trap_nmi(void);

volatile uint64_t calibration_tsc;

static struct gate idt[256];
static bool stopping;

static const uint64_t gdt[] = {
	0, 0,
	UINT64_C(0x00af9b000000ffff),	/* 64-bit code */
	UINT64_C(0x00cf93000000ffff),	/* data */
};

static const char *const exception_name[32] = {
	"divide error", "debug", "NMI", "breakpoint", "overflow",
	"bound range", "invalid opcode", "no coprocessor", "double fault",
	"coprocessor overrun", "invalid TSS", "segment not present",
	"stack fault", "general protection", "page fault", "vector 15",
	"x87 error", "alignment check", "machine check", "SIMD error",
	"virtualization", "control protection", "vector 22", "vector 23",
	"vector 24", "vector 25", "vector 26", "vector 27",
	"hypervisor injection", "VMM communication", "security", "vector 31",
};

static void
gate_set(unsigned int vector, const char *entry)
{
	uint64_t addr = (uintptr_t)entry;

	idt[vector] = (struct gate){
		.offset_low = (uint16_t)addr,
		.selector = SELECTOR_CODE,
		.kind = GATE_INTERRUPT,
		.offset_mid = (uint16_t)(addr >> 16),
		.offset_high = (uint32_t)(addr >> 32),
	};
}

void
traps_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(idt); i++)
		gate_set(i, trap_stubs + i * STUB_SIZE);
	gate_set(VECTOR_CALIBRATION, calibration_entry);
	gate_set(VECTOR_SPURIOUS, spurious_entry);
}

void
traps_load(void)
{
	const struct table_pointer g = { sizeof(gdt) - 1, (uintptr_t)gdt };
	const struct table_pointer i = { sizeof(idt) - 1, (uintptr_t)idt };

	__asm__ volatile("lgdt %0\n\t"
	    "lidt %1\n\t"
	    "pushq %2\n\t"
	    "leaq 1f(%%rip), %%rax\n\t"
	    "pushq %%rax\n\t"
	    "lretq\n"
	    "1:\n\t"
	    "movl %3, %%eax\n\t"
	    "movl %%eax, %%ds\n\t"
	    "movl %%eax, %%es\n\t"
	    "movl %%eax, %%ss\n\t"
	    "xorl %%eax, %%eax\n\t"
	    "movl %%eax, %%fs\n\t"
	    "movl %%eax, %%gs\n\t"
	    "lldt %%ax"
	    : : "m"(g), "m"(i), "i"(SELECTOR_CODE), "i"(SELECTOR_DATA)
	    : "rax", "memory");
}

_Noreturn void
cpu_halt(void)
{
	for (;;)
		__asm__ volatile("cli; hlt");
}

/* The first processor that fails speaks; the others stop in silence. */
static void
stop_others(void)
{
	if (atomic_swap(&stopping, true))
		cpu_halt();
	console_force();
	if (lapic_ready())
		lapic_nmi_others();
}

static _Noreturn void
die(uint64_t frame)
{
	backtrace_print(frame);
	hv_printf("build %s, processor %u halted", MULLION_BUILD_ID,
	    lp_self()->index);
	cpu_halt();
}

_Noreturn void
panic_at(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	stop_others();
	hv_printf("hypervisor panic at %s:%d", file, line);
	va_start(args, fmt);
	hv_vprintf(fmt, args);
	va_end(args);
	die((uintptr_t)__builtin_frame_address(0));
}

static void
dump(const struct trap_frame *f)
{
	hv_printf("hypervisor fault: %s (vector %lu), error 0x%lx",
	    exception_name[f->vector & 31], f->vector, f->error);
	hv_printf("rip %016lx cs %04lx rflags %08lx rsp %016lx ss %04lx",
	    f->rip, f->cs, f->rflags, f->rsp, f->ss);
	hv_printf("rax %016lx rbx %016lx rcx %016lx rdx %016lx",
	    f->rax, f->rbx, f->rcx, f->rdx);
	hv_printf("rsi %016lx rdi %016lx rbp %016lx r8  %016lx",
	    f->rsi, f->rdi, f->rbp, f->r8);
	hv_printf("r9  %016lx r10 %016lx r11 %016lx r12 %016lx",
	    f->r9, f->r10, f->r11, f->r12);
	hv_printf("r13 %016lx r14 %016lx r15 %016lx", f->r13, f->r14, f->r15);
	hv_printf("cr0 %016lx cr2 %016lx cr3 %016lx cr4 %016lx",
	    read_cr0(), read_cr2(), read_cr3(), read_cr4());
}

void
trap_exception(struct trap_frame *f)
{
	stop_others();
	dump(f);
	backtrace_symbol(f->rip);
	die(f->rbp);
}

void
trap_nmi(void)
{
	if (READ_ONCE(stopping))
		cpu_halt();
	lp_nmi();
}
