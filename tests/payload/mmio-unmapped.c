/* SPDX-License-Identifier: Apache-2.0 */
/* Addresses where nothing is: reads give ones, writes are dropped. */
#include "lib/cpu.h"
#include "lib/hyperv.h"
#include "lib/payload.h"

#define HOLE ((volatile uint8_t *)0xd0000000u)

#define READ_CHECK(type, ones) \
	do { \
		*(volatile type *)HOLE = 0; \
		CHECK_EQ(*(volatile type *)HOLE, ones); \
	} while (0)

static void
forms_check(void)
{
	uint64_t a = 1;

	__asm__ volatile("movzbl (%1), %k0" : "=r"(a) : "r"(HOLE));
	CHECK_EQ(a, 0xff);
	__asm__ volatile("movb $5, 0x10(%0, %1)" : : "r"(HOLE), "r"(a));
	a = 0x11223344;
	__asm__ volatile("movw (%1), %w0" : "+r"(a) : "r"(HOLE));
	CHECK_EQ(a, 0x1122ffff);
	__asm__ volatile("mov 0xff0(%1), %0" : "=r"(a) : "r"(HOLE));
	CHECK_EQ(a, UINT64_MAX);
}

void
payload_run(void)
{
	hyperv_need();
	READ_CHECK(uint8_t, 0xff);
	READ_CHECK(uint16_t, 0xffff);
	READ_CHECK(uint32_t, 0xffffffff);
	READ_CHECK(uint64_t, UINT64_MAX);
	forms_check();
}
