/* SPDX-License-Identifier: Apache-2.0 */
/* String port instructions, with and without REP, forwards and backwards. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

#define PORT_SCRATCH 0x3ff
#define PORT_NOBODY 0x2e0
#define COUNT 16

static uint8_t buffer[COUNT + 2];

static void
out_check(void)
{
	const uint8_t *from = buffer;
	uint64_t count = COUNT;

	for (unsigned i = 0; i < COUNT; i++)
		buffer[i] = (uint8_t)(0x30 + i);
	__asm__ volatile("rep outsb"
	    : "+S"(from), "+c"(count) : "d"(PORT_SCRATCH) : "memory");
	CHECK_EQ(count, 0);
	CHECK_EQ(from - buffer, COUNT);
	CHECK_EQ(port_read8(PORT_SCRATCH), 0x30 + COUNT - 1);
	__asm__ volatile("std; outsb; cld"
	    : "+S"(from) : "d"(PORT_SCRATCH) : "memory");
	CHECK_EQ(from - buffer, COUNT - 1);
}

static void
in_check(void)
{
	uint8_t *to = buffer + 1;
	uint64_t count = COUNT;

	memory_set(buffer, 0, sizeof(buffer));
	port_write8(PORT_SCRATCH, 0x5a);
	__asm__ volatile("rep insb"
	    : "+D"(to), "+c"(count) : "d"(PORT_SCRATCH) : "memory");
	CHECK_EQ(count, 0);
	CHECK_EQ(to - buffer, COUNT + 1);
	for (unsigned i = 1; i <= COUNT; i++)
		CHECK_EQ(buffer[i], 0x5a);
	CHECK_EQ(buffer[0] | buffer[COUNT + 1], 0);
}

static void
nothing_check(void)
{
	uint8_t *to = buffer;
	uint64_t count = 0;

	buffer[0] = 7;
	__asm__ volatile("rep insb"
	    : "+D"(to), "+c"(count) : "d"(PORT_NOBODY) : "memory");
	CHECK(to == buffer && buffer[0] == 7, "REP with a count of 0 acts");
}

void
payload_run(void)
{
	hyperv_need();
	out_check();
	in_check();
	nothing_check();
}
