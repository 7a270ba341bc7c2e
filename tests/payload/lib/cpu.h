/* SPDX-License-Identifier: Apache-2.0 */
/* Instructions that C has no words for. The try_ forms report a fault. */
#ifndef PAYLOAD_LIB_CPU_H
#define PAYLOAD_LIB_CPU_H

#include <stdbool.h>
#include <stdint.h>

enum vector {
	VEC_DE = 0,
	VEC_DB = 1,
	VEC_NMI = 2,
	VEC_BP = 3,
	VEC_UD = 6,
	VEC_NM = 7,
	VEC_TS = 10,
	VEC_NP = 11,
	VEC_SS = 12,
	VEC_GP = 13,
	VEC_PF = 14,
	VEC_AC = 17,
	VEC_NONE = 0x100,	/* there was no trap */
};

#define CR0_TS (UINT64_C(1) << 3)
#define CR0_WP (UINT64_C(1) << 16)
#define CR0_CD (UINT64_C(1) << 30)
#define CR4_DE (UINT64_C(1) << 3)
#define CR4_PGE (UINT64_C(1) << 7)
#define CR4_OSXSAVE (UINT64_C(1) << 18)
#define RFLAGS_IF (UINT64_C(1) << 9)

#define MSR_TSC 0x10u
#define MSR_APIC_BASE 0x1bu
#define MSR_PAT 0x277u
#define MSR_EFER 0xc0000080u
#define MSR_GS_BASE 0xc0000101u

struct cpuid {
	uint32_t eax, ebx, ecx, edx;
};

/*
 * Run one instruction that may trap. The value is the vector, or VEC_NONE; the
 * error code is then in cpu_error(). r14 and r15 are lost.
 */
#define TRY(instruction, outputs, ...) \
	({ \
		uint64_t try_vector; \
		__asm__ volatile("lea 77f(%%rip), %%r15\n\t" \
		    "movq $0x100, %%gs:16\n\t" \
		    "mov %%r15, %%gs:8\n\t" \
		    instruction "\n" \
		    "77:\tmovq $0, %%gs:8\n\t" \
		    "mov %%gs:16, %[trap]" \
		    : [trap] "=&r"(try_vector) outputs \
		    : __VA_ARGS__ \
		    : "r14", "r15", "memory", "cc"); \
		(enum vector)try_vector; \
	})
#define AND_OUT(...) , __VA_ARGS__

static inline struct cpuid
cpuid_read(uint32_t leaf, uint32_t subleaf)
{
	struct cpuid r;

	__asm__ volatile("cpuid"
	    : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
	    : "0"(leaf), "2"(subleaf));
	return r;
}

static inline uint64_t
msr_read(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr) : "memory");
	return low | (uint64_t)high << 32;
}

static inline void
msr_write(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value),
	    "d"((uint32_t)(value >> 32)) : "memory");
}

static inline enum vector
try_msr_read(uint32_t msr, uint64_t *value)
{
	uint32_t low = 0, high = 0;
	enum vector v;

	v = TRY("rdmsr", AND_OUT("+a"(low), "+d"(high)), "c"(msr));
	*value = low | (uint64_t)high << 32;
	return v;
}

static inline enum vector
try_msr_write(uint32_t msr, uint64_t value)
{
	return TRY("wrmsr", , "c"(msr), "a"((uint32_t)value),
	    "d"((uint32_t)(value >> 32)));
}

static inline uint64_t
tsc_read(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high) : : "memory");
	return low | (uint64_t)high << 32;
}

static inline void
port_write8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline void
port_write16(uint16_t port, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(value), "Nd"(port));
}

static inline void
port_write32(uint16_t port, uint32_t value)
{
	__asm__ volatile("outl %0, %1" : : "a"(value), "Nd"(port));
}

static inline uint8_t
port_read8(uint16_t port)
{
	uint8_t value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint16_t
port_read16(uint16_t port)
{
	uint16_t value;

	__asm__ volatile("inw %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline uint32_t
port_read32(uint16_t port)
{
	uint32_t value;

	__asm__ volatile("inl %1, %0" : "=a"(value) : "Nd"(port));
	return value;
}

static inline void
cpu_pause(void)
{
	__asm__ volatile("pause" : : : "memory");
}

static inline void
interrupts_on(void)
{
	__asm__ volatile("sti; nop" : : : "memory");
}

static inline void
interrupts_off(void)
{
	__asm__ volatile("cli" : : : "memory");
}

/* Sleep until an interrupt was served; none can slip in before the HLT. */
static inline void
cpu_halt(void)
{
	__asm__ volatile("sti; hlt; cli" : : : "memory");
}

#define CONTROL_REGISTER(n) \
	static inline uint64_t \
	cr##n##_read(void) \
	{ \
		uint64_t v; \
\
		__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v) : : "memory"); \
		return v; \
	} \
\
	static inline void \
	cr##n##_write(uint64_t v) \
	{ \
		__asm__ volatile("mov %0, %%cr" #n : : "r"(v) : "memory"); \
	} \
\
	static inline enum vector \
	try_cr##n##_write(uint64_t v) \
	{ \
		return TRY("mov %[v], %%cr" #n, , [v] "r"(v)); \
	}

CONTROL_REGISTER(0)
CONTROL_REGISTER(2)
CONTROL_REGISTER(3)
CONTROL_REGISTER(4)
CONTROL_REGISTER(8)

static inline void
page_invalidate(const volatile void *address)
{
	__asm__ volatile("invlpg %0"
	    : : "m"(*(const volatile char *)address) : "memory");
}

/* The error code of the last trap that a TRY caught on this processor. */
static inline uint64_t
cpu_error(void)
{
	uint64_t error;

	__asm__ volatile("mov %%gs:24, %0" : "=r"(error));
	return error;
}

/* This processor's number: 0 is the first, then in the order of starting. */
static inline uint32_t
cpu_number(void)
{
	uint64_t number;

	__asm__ volatile("mov %%gs:32, %0" : "=r"(number));
	return (uint32_t)number;
}

#endif
