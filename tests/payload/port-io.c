/* SPDX-License-Identifier: Apache-2.0 */
/* Ports: the worker's devices answer, nobody's port reads as ones. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

#define PORT_NOBODY 0x2e0
#define PORT_RTC_INDEX 0x70
#define PORT_RTC_DATA 0x71
#define RTC_STATUS_D 0x0d
#define PORT_UART 0x3f8
#define UART_SCRATCH 7
#define UART_LINE_STATUS 5

static void
nobody_check(void)
{
	port_write8(PORT_NOBODY, 0x12);
	port_write16(PORT_NOBODY, 0x1234);
	port_write32(PORT_NOBODY, 0x12345678);
	CHECK_EQ(port_read8(PORT_NOBODY), 0xff);
	CHECK_EQ(port_read16(PORT_NOBODY), 0xffff);
	CHECK_EQ(port_read32(PORT_NOBODY), 0xffffffff);
}

/* A read of 8 or 16 bits leaves the rest of RAX alone, one of 32 clears it. */
static void
register_check(void)
{
	uint64_t a = UINT64_C(0x1122334455667788);

	__asm__ volatile("inb $0x80, %%al" : "+a"(a));
	CHECK_EQ(a >> 8, UINT64_C(0x11223344556677));
	a = UINT64_C(0x1122334455667788);
	__asm__ volatile("inw %%dx, %%ax" : "+a"(a) : "d"(PORT_NOBODY));
	CHECK_EQ(a, UINT64_C(0x112233445566ffff));
	a = UINT64_C(0x1122334455667788);
	__asm__ volatile("inl %%dx, %%eax" : "+a"(a) : "d"(PORT_NOBODY));
	CHECK_EQ(a, 0xffffffff);
}

static void
uart_check(void)
{
	for (unsigned v = 0; v < 256; v += 51) {
		port_write8(PORT_UART + UART_SCRATCH, (uint8_t)v);
		CHECK_EQ(port_read8(PORT_UART + UART_SCRATCH), v);
	}
	CHECK((port_read8(PORT_UART + UART_LINE_STATUS) & 0x20) != 0,
	    "the transmitter is never ready");
}

static void
rtc_check(void)
{
	port_write8(PORT_RTC_INDEX, RTC_STATUS_D);
	CHECK((port_read8(PORT_RTC_DATA) & 0x80) != 0, "the clock has no power");
}

void
payload_run(void)
{
	nobody_check();
	register_check();
	if (!hyperv_is_present())
		payload_skip("the rest is about the worker's devices");
	uart_check();
	rtc_check();
}
