/* SPDX-License-Identifier: Apache-2.0 */
/* IPIs by hypercall: to oneself, to others, to nobody, and malformed. */
#include "lib/apic.h"
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/smp.h"
#include "lib/trap.h"

#define VECTOR 0x63
#define SPARSE 0
#define EVERYBODY 1

static volatile bool stop, ready;
static volatile uint64_t on_vp[SMP_MAX];

static void
on_ipi(struct trap_frame *f)
{
	(void)f;
	__atomic_add_fetch(&on_vp[cpu_number()], 1, __ATOMIC_SEQ_CST);
	apic_end_interrupt();
}

static void
spin(void *unused)
{
	(void)unused;
	interrupts_on();
	ready = true;
	while (!stop)
		cpu_pause();
	interrupts_off();
}

static uint32_t
send(uint64_t vector, uint64_t mask)
{
	return HV_STATUS(hyperv_call(HV_CALL_SEND_IPI | HV_FAST, vector, mask));
}

static uint32_t
send_set(uint64_t vector, uint64_t format, uint64_t banks, unsigned count,
    uint64_t bank)
{
	hyperv_input[0] = vector;
	hyperv_input[1] = format;
	hyperv_input[2] = banks;
	for (unsigned i = 0; i < count; i++)
		hyperv_input[3 + i] = bank;
	return HV_STATUS(hyperv_call_memory(HV_CALL_SEND_IPI_EX |
	    HV_VARHEAD(count), hyperv_input, NULL));
}

static void
mask_check(void)
{
	CHECK_EQ(send(VECTOR, 1u << 1), HV_OK);
	CHECK(WAIT(on_vp[1] == 1), "VP 1 got no IPI");
	CHECK_EQ(on_vp[0], 0);
	CHECK_EQ(send(VECTOR, 3), HV_OK);
	CHECK(WAIT(on_vp[0] == 1 && on_vp[1] == 2), "not both got their IPI");
	hyperv_input[0] = VECTOR;
	hyperv_input[1] = 1;
	CHECK_EQ(HV_STATUS(hyperv_call_memory(HV_CALL_SEND_IPI, hyperv_input,
	    NULL)), HV_OK);
	CHECK(WAIT(on_vp[0] == 2), "the memory form does not send");
}

static void
refusals_check(void)
{
	CHECK_EQ(send(0x0f, 1), HV_INVALID_PARAMETER);
	CHECK_EQ(send(0x100, 1), HV_INVALID_PARAMETER);
	CHECK(send_set(0x0f, SPARSE, 1, 1, 1) != HV_OK, "vector 15 in a set");
	CHECK(send_set(VECTOR, 2, 1, 1, 1) != HV_OK, "set of format 2");
	CHECK(send_set(VECTOR, SPARSE, 3, 1, 1) != HV_OK,
	    "two banks announced, one given");
	CHECK(send_set(VECTOR, SPARSE, 1, 2, 1) != HV_OK,
	    "one bank announced, two given");
	CHECK_EQ(on_vp[0], 2);
	CHECK_EQ(on_vp[1], 2);
}

/* VPs that do not exist get nothing, whatever the status says. */
static void
absent_check(void)
{
	(void)send(VECTOR, UINT64_C(1) << 63);
	(void)send_set(VECTOR, SPARSE, UINT64_C(1) << 63, 1, 1);
	(void)send_set(VECTOR, SPARSE, 1, 1, UINT64_C(1) << 40);
	CHECK_EQ(on_vp[0], 2);
	CHECK_EQ(on_vp[1], 2);
}

static void
set_check(void)
{
	CHECK_EQ(send_set(VECTOR, SPARSE, 1, 1, 2), HV_OK);
	CHECK(WAIT(on_vp[1] == 3), "the set does not reach VP 1");
	CHECK_EQ(on_vp[0], 2);
	CHECK_EQ(send_set(VECTOR, SPARSE, 0, 0, 0), HV_OK);
	CHECK_EQ(send_set(VECTOR, EVERYBODY, 0, 0, 0), HV_OK);
	CHECK(WAIT(on_vp[0] == 3 && on_vp[1] == 4), "not everybody got it");
}

void
payload_run(void)
{
	hyperv_enable();
	if (send(VECTOR, 0) == HV_INVALID_CODE)
		payload_skip("the call is not offered");
	trap_set_handler(VECTOR, on_ipi);
	smp_start();
	smp_run(1, spin, NULL);
	if (!WAIT(ready))
		payload_error("VP 1 does not take work");
	interrupts_on();
	mask_check();
	refusals_check();
	absent_check();
	set_check();
	stop = true;
	CHECK(WAIT(smp_is_free(1)), "VP 1 does not end");
}
