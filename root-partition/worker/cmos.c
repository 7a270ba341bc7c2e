/* SPDX-License-Identifier: Apache-2.0 */
/* MC146818 time registers, in BCD and 24-hour form. */
#include "worker/cmos.h"

enum {
	SECONDS = 0x00,
	MINUTES = 0x02,
	HOURS = 0x04,
	WEEKDAY = 0x06,
	MONTHDAY = 0x07,
	MONTH = 0x08,
	YEAR = 0x09,
	STATUS_A = 0x0a,
	STATUS_B = 0x0b,
	STATUS_C = 0x0c,
	STATUS_D = 0x0d,
	FIRST_RAM = 0x0e,
	CENTURY = 0x32,
};

#define A_DIVIDER 0x26	/* 32.768 kHz; no update is in progress */
#define B_24_HOURS 0x02
#define D_VALID 0x80

void
cmos_init(struct cmos *c)
{
	*c = (struct cmos){ .index = 0 };
}

void
cmos_select(struct cmos *c, uint8_t value)
{
	c->index = value & (CMOS_BYTES - 1);
}

static uint8_t
bcd(int n)
{
	return (uint8_t)(n / 10 % 10 * 16 + n % 10);
}

uint8_t
cmos_read(const struct cmos *c, time_t now)
{
	struct tm t;

	switch (c->index) {
	case STATUS_A:
		return A_DIVIDER;
	case STATUS_B:
		return B_24_HOURS;
	case STATUS_C:
		return 0;
	case STATUS_D:
		return D_VALID;
	}
	if (gmtime_r(&now, &t) == NULL)
		return 0;
	switch (c->index) {
	case SECONDS:
		return bcd(t.tm_sec);
	case MINUTES:
		return bcd(t.tm_min);
	case HOURS:
		return bcd(t.tm_hour);
	case WEEKDAY:
		return bcd(t.tm_wday + 1);
	case MONTHDAY:
		return bcd(t.tm_mday);
	case MONTH:
		return bcd(t.tm_mon + 1);
	case YEAR:
		return bcd(t.tm_year % 100);
	case CENTURY:
		return bcd((t.tm_year + 1900) / 100);
	default:
		return c->ram[c->index];
	}
}

void
cmos_write(struct cmos *c, uint8_t value)
{
	if (c->index >= FIRST_RAM)
		c->ram[c->index] = value;
}
