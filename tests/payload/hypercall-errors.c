/* SPDX-License-Identifier: Apache-2.0 */
/* Malformed hypercalls: each kind has its status, and none does anything. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

static const uint8_t *const input = (const uint8_t *)hyperv_input;

static void
expect(uint32_t status, uint64_t control, const void *in, const char *what)
{
	uint64_t result = hyperv_call_memory(control, in, hyperv_output);

	CHECK(HV_STATUS(result) == status, "%s: status 0x%x, not 0x%x", what,
	    HV_STATUS(result), status);
	/* No more were done than the start says were done before. */
	CHECK(HV_REPS_DONE(result) <= (control >> 48 & 0xfff),
	    "%s: %u reps done", what, HV_REPS_DONE(result));
	CHECK((result & ~UINT64_C(0xfff0000ffff)) == 0,
	    "%s: reserved bits in 0x%lx", what, result);
}

static void
codes_check(void)
{
	static const uint16_t unknown[] = {
		0x0000, 0x0001, 0x00ff, 0x0200, 0x1234, 0x7fff, 0xffff,
	};

	for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		expect(HV_INVALID_CODE, unknown[i], input, "unknown code");
		expect(HV_INVALID_CODE, unknown[i] | HV_FAST, input,
		    "unknown code, fast");
	}
}

static void
addresses_check(void)
{
	expect(HV_INVALID_ALIGNMENT, HV_CALL_FLUSH_SPACE, input + 4,
	    "input at 4");
	expect(HV_INVALID_ALIGNMENT, HV_CALL_FLUSH_SPACE, input + 1,
	    "input at 1");
	expect(HV_INVALID_ALIGNMENT, HV_CALL_FLUSH_SPACE, input + 4088,
	    "input across a page");
	expect(HV_INVALID_ALIGNMENT, HV_CALL_FLUSH_LIST | HV_REPS(500),
	    input + 512, "list across a page");
}

static void
control_check(void)
{
	uint64_t flush = HV_CALL_FLUSH_LIST;
	uint64_t simple = HV_CALL_FLUSH_SPACE;

	expect(HV_INVALID_INPUT, simple | HV_REPS(1), input, "reps, simple call");
	expect(HV_INVALID_INPUT, simple | HV_REP_START(1), input,
	    "rep start, simple call");
	expect(HV_INVALID_INPUT, flush, input, "rep call without reps");
	expect(HV_INVALID_INPUT, flush | HV_REPS(2) | HV_REP_START(2), input,
	    "rep start at the end");
	expect(HV_INVALID_INPUT, flush | HV_REPS(2) | HV_REP_START(9), input,
	    "rep start behind the end");
	expect(HV_INVALID_INPUT, simple | UINT64_C(1) << 27, input,
	    "reserved bit 27");
	expect(HV_INVALID_INPUT, simple | UINT64_C(1) << 44, input,
	    "reserved bit 44");
	expect(HV_INVALID_INPUT, simple | UINT64_C(1) << 60, input,
	    "reserved bit 60");
	expect(HV_INVALID_INPUT, simple | HV_VARHEAD(3), input,
	    "a variable header where there is none");
}

/* Blocks outside of memory: any error will do, but the VP lives on. */
static void
nowhere_check(void)
{
	static const uint64_t nowhere[] = {
		0xd0000000, UINT64_C(1) << 40, UINT64_C(0xffffffffff000),
		UINT64_MAX & ~UINT64_C(0xfff),
	};

	for (unsigned i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
		uint64_t result = hyperv_call(HV_CALL_FLUSH_SPACE, nowhere[i],
		    0);

		CHECK(HV_STATUS(result) != HV_OK, "input at 0x%lx is taken",
		    nowhere[i]);
	}
}

void
payload_run(void)
{
	hyperv_enable();
	codes_check();
	addresses_check();
	control_check();
	nowhere_check();
}
