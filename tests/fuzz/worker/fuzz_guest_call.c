/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercalls with any registers and memory: what is copied must fit. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "worker/guest_call.h"

#define RAM (2 * MEMORY_PAGE)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The input: control word, input address, memory. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t ram[RAM];
	const struct memory_region region = { .size = RAM };
	struct hv_hypercall_intercept_message m = { .rax = 0 };
	struct guest_call call;
	struct memory memory;

	if (size < 16 || !memory_set(&memory, ram, RAM, &region, 1))
		return 0;
	memcpy(&m.rcx, data, 8);
	memcpy(&m.rdx, data + 8, 8);
	memset(ram, 0, RAM);
	memcpy(ram, data + 16, size - 16 < RAM ? size - 16 : RAM);
	if (guest_call_decode(&m, &memory, &call) == HV_SUCCESS &&
	    call.kind == GUEST_CALL_POST && call.len > sizeof(call.message))
		abort();
	return 0;
}
