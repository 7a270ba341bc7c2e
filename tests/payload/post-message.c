/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and events to connections that are not there. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

#define PAYLOAD_MAX 240u

static uint32_t
post(uint32_t connection, uint32_t type, uint32_t size)
{
	hyperv_input[0] = connection;
	hyperv_input[1] = type | (uint64_t)size << 32;
	return HV_STATUS(hyperv_call_memory(HV_CALL_POST_MESSAGE, hyperv_input,
	    NULL));
}

static uint32_t
signal_event(uint64_t input)
{
	return HV_STATUS(hyperv_call(HV_CALL_SIGNAL_EVENT | HV_FAST, input, 0));
}

void
payload_run(void)
{
	const uint32_t need = HV_EBX_POST_MESSAGES | HV_EBX_SIGNAL_EVENTS;

	hyperv_enable();
	if ((cpuid_read(HV_CPUID_FEATURES, 0).ebx & need) != need)
		payload_skip("may not post messages and signal events");
	CHECK_EQ(post(0x7777, 1, 8), HV_INVALID_CONNECTION);
	CHECK_EQ(post(0xffffff, 1, PAYLOAD_MAX), HV_INVALID_CONNECTION);
	CHECK(post(0x7777, 1, PAYLOAD_MAX + 1) != HV_OK, "241 bytes are taken");
	CHECK(post(0x7777, 1, UINT32_MAX) != HV_OK, "4 GiB are taken");
	CHECK_EQ(signal_event(0x7777), HV_INVALID_CONNECTION);
	CHECK_EQ(signal_event(0x7777 | UINT64_C(2047) << 32),
	    HV_INVALID_CONNECTION);
	hyperv_input[0] = 0x7777;
	CHECK_EQ(HV_STATUS(hyperv_call_memory(HV_CALL_SIGNAL_EVENT,
	    hyperv_input, NULL)), HV_INVALID_CONNECTION);
}
