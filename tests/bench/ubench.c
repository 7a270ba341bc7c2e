/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the operations that leave a guest cost, in TSC ticks. Runs unchanged on
 * the bare emulator, and as guest of KVM, of Xen and of ours; under QEMU's
 * -icount a tick is one instruction, so the figures repeat.
 */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/smp.h"
#include "lib/trap.h"

#define SAMPLES 1000
#define WARM_UP 8
#define VECTOR 0x40
#define PORT_UART_STATUS 0x3fd
#define FRESH UINT64_C(0x2000000)	/* memory that nothing touched before */
#define FRESH_LARGE UINT64_C(0x2800000)
#define FRESH_LARGE_COUNT 8
#define LARGE_PAGE UINT64_C(0x200000)
#define KVM_CALL 1		/* does next to nothing */
#define XEN_CALL 17		/* version */
#define XEN_SCHEDULE 29
#define XEN_SHUTDOWN 2
#define STORM_TICKS 100000000u

/* In ubench_isr.S: counts, and ends the interrupt at the x2APIC. */
void ubench_interrupt(void);
extern volatile uint64_t ubench_interrupts, ubench_interrupts_against_if;

enum host {
	HOST_NONE,
	HOST_KVM,
	HOST_XEN,
	HOST_HYPERV,
};

static enum host host;
static uint64_t samples[SAMPLES];

static void
samples_sort(size_t n)
{
	for (size_t gap = n / 2; gap > 0; gap /= 2) {
		for (size_t i = gap; i < n; i++) {
			uint64_t value = samples[i];
			size_t at = i;

			for (; at >= gap && samples[at - gap] > value;
			    at -= gap)
				samples[at] = samples[at - gap];
			samples[at] = value;
		}
	}
}

static void
report(const char *name, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += samples[i];
	samples_sort(n);
	say("bench %s n=%lu min=%lu med=%lu mean=%lu p99=%lu max=%lu\n", name,
	    n, samples[0], samples[n / 2], sum / n, samples[n - 1 - n / 100],
	    samples[n - 1]);
}

/* Time @operation SAMPLES times; @before is not timed. */
#define MEASURE(name, before, operation) \
	do { \
		for (int measure_i = -WARM_UP; measure_i < SAMPLES; \
		    measure_i++) { \
			uint64_t measure_start, measure_end; \
\
			before; \
			measure_start = tsc_read(); \
			operation; \
			measure_end = tsc_read(); \
			if (measure_i >= 0) \
				samples[measure_i] = \
				    measure_end - measure_start; \
		} \
		report(name, SAMPLES); \
	} while (0)

/* In line for all hosts: a call of the hypercall page is no part of the exit. */
static inline uint64_t
call(uint64_t rax, uint64_t rcx, uint64_t rdi, uint64_t rsi)
{
	uint64_t rbx = 0, rdx = 0;

	__asm__ volatile("vmmcall"
	    : "+a"(rax), "+b"(rbx), "+c"(rcx), "+d"(rdx), "+D"(rdi), "+S"(rsi)
	    : : "memory", "r8", "r9", "r10", "r11");
	return rax;
}

static void
host_find(void)
{
	struct cpuid id = cpuid_read(0x40000000, 0);

	if ((cpuid_read(1, 0).ecx >> 31) == 0)
		host = HOST_NONE;
	else if (id.ebx == 0x4b4d564b)		/* KVMK */
		host = HOST_KVM;
	else if (id.ebx == 0x566e6558)		/* XenV */
		host = HOST_XEN;
	else if (hyperv_is_present())
		host = HOST_HYPERV;
}

static void
hypercalls_measure(void)
{
	switch (host) {
	case HOST_KVM:
		MEASURE("hypercall", , call(KVM_CALL, 0, 0, 0));
		break;
	case HOST_XEN:
		MEASURE("hypercall", , call(XEN_CALL, 0, 0, 0));
		break;
	case HOST_HYPERV:
		hyperv_enable();
		MEASURE("hypercall", ,
		    call(0, HV_CALL_LONG_SPIN | HV_FAST, 0, 0));
		MEASURE("synthetic_msr_read", , msr_read(HV_MSR_VP_INDEX));
		MEASURE("reference_time_read", , msr_read(HV_MSR_TIME_REF));
		break;
	case HOST_NONE:
		break;
	}
}

static void
instructions_measure(void)
{
	MEASURE("null", , );
	MEASURE("cpuid", , cpuid_read(0, 0));
	MEASURE("apic_base_read", , msr_read(MSR_APIC_BASE));
	MEASURE("port_read_by_vmm", , port_read8(PORT_UART_STATUS));
	MEASURE("port_write_by_vmm", , port_write8(0x80, 0));
}

/* What an interrupt handler changes must be seen to change. */
static void
interrupts_await(uint64_t more_than)
{
	while (ubench_interrupts == more_than)
		;
}

static void
apic_measure(void)
{
	uint64_t seen;

	interrupts_on();
	MEASURE("apic_eoi", , msr_write(X2APIC_MSR(APIC_EOI), 0));
	MEASURE("self_ipi", seen = ubench_interrupts,
	    (msr_write(X2APIC_MSR(APIC_SELF_IPI), VECTOR),
	    interrupts_await(seen)));
	interrupts_off();
	msr_write(X2APIC_MSR(APIC_TIMER_DIVIDE), APIC_DIVIDE_BY_1);
	msr_write(X2APIC_MSR(APIC_LVT_TIMER), VECTOR);
	for (int i = 0; i < SAMPLES; i++) {
		uint64_t start = tsc_read();

		seen = ubench_interrupts;
		msr_write(X2APIC_MSR(APIC_TIMER_INITIAL), 50000);
		while (ubench_interrupts == seen)
			cpu_halt();
		samples[i] = tsc_read() - start;
	}
	report("apic_timer_50000_and_halt", SAMPLES);
}

/*
 * A periodic timer against a loop that opens and closes interrupts: one that is
 * delivered while they are closed spoils the whole run.
 */
static void
storm(void)
{
	uint64_t start = tsc_read();

	msr_write(X2APIC_MSR(APIC_LVT_TIMER), VECTOR | APIC_LVT_PERIODIC);
	msr_write(X2APIC_MSR(APIC_TIMER_INITIAL), 25000);
	while (tsc_read() - start < STORM_TICKS)
		__asm__ volatile("cli; nop; nop; nop; sti; nop");
	msr_write(X2APIC_MSR(APIC_LVT_TIMER), APIC_LVT_MASKED);
	interrupts_off();
}

static void
memory_measure(void)
{
	for (uint64_t i = 0; i < SAMPLES; i++) {
		uint64_t start = tsc_read();

		*(volatile uint64_t *)(FRESH + i * 4096) = i;
		samples[i] = tsc_read() - start;
	}
	report("first_touch_4k", SAMPLES);
	for (uint64_t i = 0; i < FRESH_LARGE_COUNT; i++) {
		uint64_t start = tsc_read();

		*(volatile uint64_t *)(FRESH_LARGE + i * LARGE_PAGE) = i;
		samples[i] = tsc_read() - start;
	}
	report("first_touch_2m", FRESH_LARGE_COUNT);
}

enum order {
	ORDER_SPIN,
	ORDER_SLEEP,
	ORDER_END,
};

static volatile enum order order, obeyed;

static void
second_run(void *unused)
{
	(void)unused;
	while (order != ORDER_END) {
		obeyed = order;
		if (order == ORDER_SPIN)
			__asm__ volatile("sti; pause; cli");
		else
			cpu_halt();
	}
	obeyed = ORDER_END;
}

/* PAUSE has the emulator, which runs one processor at a time, go to the other. */
static void
interrupts_await_other(uint64_t more_than)
{
	while (ubench_interrupts == more_than)
		cpu_pause();
}

static void
delay(uint64_t ticks)
{
	uint64_t start = tsc_read();

	while (tsc_read() - start < ticks)
		cpu_pause();
}

static void
ipi_send(void)
{
	msr_write(X2APIC_MSR(APIC_ICR), (uint64_t)smp_apic_step << 32 | VECTOR);
}

static void
second_measure(void)
{
	uint64_t seen;

	/* Xen leaves each processor room for a second thread. */
	if (host == HOST_XEN)
		smp_apic_step = 2;
	smp_start();
	obeyed = ORDER_END;
	smp_run(1, second_run, NULL);
	while (obeyed != ORDER_SPIN)
		cpu_pause();
	MEASURE("ipi_to_spinning_vp",
	    (seen = ubench_interrupts, delay(2000)),
	    (ipi_send(), interrupts_await_other(seen)));
	order = ORDER_SLEEP;
	while (obeyed != ORDER_SLEEP)
		cpu_pause();
	MEASURE("ipi_to_halted_vp",
	    (seen = ubench_interrupts, delay(200000)),
	    (ipi_send(), interrupts_await_other(seen)));
	order = ORDER_END;
	ipi_send();
	while (obeyed != ORDER_END)
		cpu_pause();
}

void
payload_run(void)
{
	static const uint32_t power_off;

	host_find();
	if (!apic_has_x2())
		payload_skip("no x2APIC");
	trap_set_entry(VECTOR, ubench_interrupt);
	apic_enable();
	instructions_measure();
	hypercalls_measure();
	apic_measure();
	storm();
	memory_measure();
	if (payload_vps > 1)
		second_measure();
	say("bench-note interrupts=%lu delivered_with_if0=%lu\n",
	    ubench_interrupts, ubench_interrupts_against_if);
	CHECK_EQ(ubench_interrupts_against_if, 0);
	if (host == HOST_XEN)
		(void)call(XEN_SCHEDULE, 0, XEN_SHUTDOWN, (uintptr_t)&power_off);
}
