/* SPDX-License-Identifier: Apache-2.0 */
/* Memory: every page is there, is empty at first and is nobody else's. */
#include "lib/cpu.h"
#include "lib/payload.h"

#define FIRST UINT64_C(0x400000)
#define LAST UINT64_C(0x2800000)	/* payloads get at least 64 MiB */
#define PAGE UINT64_C(4096)

extern uint8_t payload_end[];

static volatile uint64_t *
page_at(uint64_t address)
{
	return (volatile uint64_t *)address;
}

/* Pages in an order that neither large pages nor read-ahead foresee. */
static void
scattered_check(void)
{
	uint64_t pages = (LAST - FIRST) / PAGE, at = 0;

	for (uint64_t i = 0; i < pages; i++) {
		volatile uint64_t *p = page_at(FIRST + at * PAGE);

		if (*p != 0)
			payload_fail("0x%lx is not empty", FIRST + at * PAGE);
		*p = ~(FIRST + at * PAGE);
		at = (at + 7919) % pages;
	}
	for (uint64_t a = FIRST; a < LAST; a += PAGE) {
		if (*page_at(a) != ~a)
			payload_fail("0x%lx is 0x%lx", a, *page_at(a));
	}
}

/* What the end of one page and the start of the next hold stays apart. */
static void
boundaries_check(void)
{
	for (uint64_t a = FIRST + PAGE; a < LAST; a += 64 * PAGE) {
		volatile uint64_t *across = page_at(a - 4);

		*across = a * 3;
		CHECK_EQ(*across, a * 3);
	}
}

void
payload_run(void)
{
	if ((uintptr_t)payload_end > FIRST)
		payload_error("the payload reaches into what it tests");
	scattered_check();
	boundaries_check();
}
