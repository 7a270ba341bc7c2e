/* SPDX-License-Identifier: Apache-2.0 */
/* The clock chip. */
#include <criterion/criterion.h>

#include "worker/cmos.h"

#define MOMENT 1798761599	/* 2026-12-31 23:59:59 UTC, a Thursday */

static struct cmos c;

static uint8_t
at(uint8_t index)
{
	cmos_select(&c, index);
	return cmos_read(&c, MOMENT);
}

Test(cmos, tells_the_time_in_bcd)
{
	cmos_init(&c);
	cr_expect_eq(at(0x00), 0x59);
	cr_expect_eq(at(0x02), 0x59);
	cr_expect_eq(at(0x04), 0x23);
	cr_expect_eq(at(0x06), 5);
	cr_expect_eq(at(0x07), 0x31);
	cr_expect_eq(at(0x08), 0x12);
	cr_expect_eq(at(0x09), 0x26);
	cr_expect_eq(at(0x32), 0x20);
}

Test(cmos, is_never_in_the_middle_of_an_update)
{
	cmos_init(&c);
	cr_expect_eq(at(0x0a) & 0x80, 0);
	cr_expect_eq(at(0x0b), 0x02, "24 hours, BCD");
	cr_expect_eq(at(0x0d), 0x80, "valid");
}

Test(cmos, bit_7_of_the_index_is_not_part_of_it)
{
	cmos_init(&c);
	cr_expect_eq(at(0x80 | 0x08), 0x12);
}

Test(cmos, remembers_ram_but_not_time)
{
	cmos_init(&c);
	cmos_select(&c, 0x20);
	cmos_write(&c, 0xab);
	cmos_select(&c, 0x09);
	cmos_write(&c, 0x70);
	cr_expect_eq(at(0x20), 0xab);
	cr_expect_eq(at(0x09), 0x26);
}
