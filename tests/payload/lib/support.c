/* SPDX-License-Identifier: Apache-2.0 */
/* What comes before and around the test, and what C needs. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define DEFAULT_TICKS_PER_MS 1000000u
#define PIC_MASK_1 0x21
#define PIC_MASK_2 0xa1

const char *payload_cmdline = "";

uint64_t
ticks_per_ms(void)
{
	static uint64_t ticks;

	if (ticks == 0 && hyperv_is_present())
		ticks = msr_read(HV_MSR_TSC_FREQUENCY) / 1000;
	if (ticks == 0)
		ticks = DEFAULT_TICKS_PER_MS;
	return ticks;
}

void *
memory_copy(void *to, const void *from, size_t n)
{
	uint8_t *t = to;
	const uint8_t *f = from;

	while (n-- > 0)
		*t++ = *f++;
	return to;
}

void *
memory_set(void *to, int byte, size_t n)
{
	uint8_t *t = to;

	while (n-- > 0)
		*t++ = (uint8_t)byte;
	return to;
}

/* The compiler calls these by name. */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);

void *
memcpy(void *to, const void *from, size_t n)
{
	return memory_copy(to, from, n);
}

void *
memset(void *to, int byte, size_t n)
{
	return memory_set(to, byte, n);
}

uint64_t
payload_number(const char *name, uint64_t otherwise)
{
	uint64_t value = 0;
	size_t i = 0;
	const char *p = payload_cmdline;

	for (; *p != '\0' && (name[i] != '\0' || *p != '='); p++)
		i = *p == name[i] ? i + 1 : 0;
	if (*p != '=' || p[1] < '0' || p[1] > '9')
		return otherwise;
	for (p++; *p >= '0' && *p <= '9'; p++)
		value = value * 10 + (uint64_t)(*p - '0');
	return value;
}

void
payload_start(const char *cmdline)
{
	payload_cmdline = cmdline;
	trap_setup_cpu(0);
	/* A machine with interrupt controllers of the PC has them quiet. */
	port_write8(PIC_MASK_1, 0xff);
	port_write8(PIC_MASK_2, 0xff);
	payload_run();
	payload_end_run();
}
