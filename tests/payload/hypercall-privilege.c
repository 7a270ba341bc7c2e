/* SPDX-License-Identifier: Apache-2.0 */
/* A child may not make the calls of a parent, however well they are formed. */
#include "lib/hyperv.h"
#include "lib/payload.h"

struct call {
	const char *name;
	uint64_t control;
};

#define REP HV_REPS(1)
#define VARIABLE HV_VARHEAD(2)

static const struct call calls[] = {
	{ "GET_LP_RUN_TIME", 0x04 },
	{ "CREATE_PARTITION", 0x40 },
	{ "INITIALIZE_PARTITION", 0x41 | HV_FAST },
	{ "FINALIZE_PARTITION", 0x42 | HV_FAST },
	{ "DELETE_PARTITION", 0x43 | HV_FAST },
	{ "GET_PARTITION_PROPERTY", 0x44 },
	{ "SET_PARTITION_PROPERTY", 0x45 },
	{ "DEPOSIT_MEMORY", 0x48 | REP },
	{ "WITHDRAW_MEMORY", 0x49 | REP },
	{ "MAP_GPA_PAGES", 0x4b | REP },
	{ "UNMAP_GPA_PAGES", 0x4c | REP },
	{ "INSTALL_INTERCEPT", 0x4d },
	{ "CREATE_VP", 0x4e },
	{ "DELETE_VP", 0x4f | HV_FAST },
	{ "GET_VP_REGISTERS", 0x50 | REP },
	{ "SET_VP_REGISTERS", 0x51 | REP },
	{ "TRANSLATE_VIRTUAL_ADDRESS", 0x52 },
	{ "CLEAR_VIRTUAL_INTERRUPT", 0x56 | HV_FAST },
	{ "DELETE_PORT", 0x58 | HV_FAST },
	{ "DISCONNECT_PORT", 0x5b | HV_FAST },
	{ "MAP_STATS_PAGE", 0x6c },
	{ "UNMAP_STATS_PAGE", 0x6d },
	{ "SET_SYSTEM_PROPERTY", 0x6f },
	{ "ADD_LOGICAL_PROCESSOR", 0x76 },
	{ "GET_SYSTEM_PROPERTY", 0x7b },
	{ "MAP_DEVICE_INTERRUPT", 0x7c | VARIABLE },
	{ "UNMAP_DEVICE_INTERRUPT", 0x7d },
	{ "ENTER_SLEEP_STATE", 0x84 },
	{ "NOTIFY_PARTITION_EVENT", 0x87 },
	{ "NOTIFY_PORT_RING_EMPTY", 0x8b | HV_FAST },
	{ "REGISTER_INTERCEPT_RESULT", 0x91 },
	{ "ASSERT_VIRTUAL_INTERRUPT", 0x94 },
	{ "CREATE_PORT", 0x95 },
	{ "CONNECT_PORT", 0x96 },
	{ "SIGNAL_EVENT_DIRECT", 0xc0 },
	{ "POST_MESSAGE_DIRECT", 0xc1 },
	{ "DISPATCH_VP", 0xc2 },
	{ "GET_GPA_PAGES_ACCESS_STATES", 0xc9 | REP },
	{ "MAP_VP_STATE_PAGE", 0xe1 },
	{ "UNMAP_VP_STATE_PAGE", 0xe2 },
	{ "GET_VP_STATE", 0xe3 },
	{ "SET_VP_STATE", 0xe4 | HV_VARHEAD(25) },
	{ "GET_VP_CPUID_VALUES", 0xf4 | REP },
	{ "GET_PARTITION_PROPERTY_EX", 0x101 },
};
#define CALL_COUNT (sizeof(calls) / sizeof(calls[0]))

static void
denied_check(const struct call *call, uint64_t partition)
{
	uint64_t result;

	if ((call->control & HV_FAST) != 0) {
		result = hyperv_call(call->control, partition, 0);
	} else {
		memory_set(hyperv_input, 0, sizeof(hyperv_input));
		hyperv_input[0] = partition;
		result = hyperv_call_memory(call->control, hyperv_input,
		    hyperv_output);
	}
	/* A call that the hypervisor does not have at all is refused as well. */
	CHECK(HV_STATUS(result) == HV_ACCESS_DENIED ||
	    HV_STATUS(result) == HV_INVALID_CODE,
	    "%s on partition 0x%lx: status 0x%x", call->name, partition,
	    HV_STATUS(result));
}

void
payload_run(void)
{
	hyperv_enable();
	for (unsigned i = 0; i < CALL_COUNT; i++) {
		denied_check(&calls[i], UINT64_MAX);	/* itself */
		denied_check(&calls[i], 1);		/* the parent */
		denied_check(&calls[i], 2);
	}
}
