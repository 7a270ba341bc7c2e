/* SPDX-License-Identifier: Apache-2.0 */
/* INIT and SIPI: all VPs start, know who they are, and start again. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/smp.h"

static volatile uint32_t ids[SMP_MAX], indexes[SMP_MAX], cpuid_ids[SMP_MAX];
static volatile bool bsp_bits[SMP_MAX];

static void
identify(void *unused)
{
	uint32_t self = cpu_number();

	(void)unused;
	ids[self] = apic_id();
	cpuid_ids[self] = cpuid_read(1, 0).ebx >> 24;
	bsp_bits[self] = (msr_read(MSR_APIC_BASE) & APIC_BASE_BSP) != 0;
	indexes[self] = self;
	if (hyperv_is_present())
		indexes[self] = (uint32_t)msr_read(HV_MSR_VP_INDEX);
}

static void
spin_for_ever(void *started)
{
	*(volatile bool *)started = true;
	for (;;)
		cpu_pause();
}

static void
identity_check(uint32_t i)
{
	ids[i] = UINT32_MAX;
	smp_run(i, identify, NULL);
	CHECK(WAIT(smp_is_free(i)), "VP %u does not work", i);
	CHECK_EQ(ids[i], i);
	CHECK_EQ(cpuid_ids[i], i);
	CHECK_EQ(indexes[i], i);
	CHECK(!bsp_bits[i], "VP %u says that it is the boot processor", i);
}

void
payload_run(void)
{
	static volatile bool spinning;

	smp_start();
	for (uint32_t i = 1; i < payload_vps; i++)
		identity_check(i);
	/* INIT takes a VP out of an endless loop; it starts afresh. */
	smp_run(1, spin_for_ever, (void *)&spinning);
	CHECK(WAIT(spinning), "VP 1 does not spin");
	for (int i = 0; i < 10; i++)
		CHECK(smp_start_one(1), "restart %d failed", i);
	identity_check(1);
	/* A SIPI without INIT before it is ignored. */
	apic_send(1, ICR_STARTUP | 0x09);
	identity_check(1);
}
