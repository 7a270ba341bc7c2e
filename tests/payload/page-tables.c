/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's own page tables: accessed and dirty bits, remapping, large. */
#include "lib/cpu.h"
#include "lib/payload.h"

#define ACCESSED (UINT64_C(1) << 5)
#define DIRTY (UINT64_C(1) << 6)
#define PRESENT_WRITE 3u
#define WINDOW UINT64_C(0x8000000000)	/* PML4 entry 1: nothing is there */

extern uint64_t page_pml4[];
static uint64_t directory_pointers[512] __attribute__((aligned(4096)));
static volatile uint64_t directory[512] __attribute__((aligned(4096)));
static volatile uint64_t table[512] __attribute__((aligned(4096)));
static uint64_t frames[2][512] __attribute__((aligned(4096)));

static volatile uint64_t *const window = (volatile uint64_t *)WINDOW;

static void
window_open(void)
{
	directory_pointers[0] = (uintptr_t)directory | PRESENT_WRITE;
	directory[0] = (uintptr_t)table | PRESENT_WRITE;
	page_pml4[1] = (uintptr_t)directory_pointers | PRESENT_WRITE;
}

static void
window_show(unsigned frame)
{
	table[0] = (uintptr_t)frames[frame] | PRESENT_WRITE;
	page_invalidate(window);
}

static void
bits_check(void)
{
	uint64_t value;

	window_show(0);
	CHECK_EQ(table[0] & (ACCESSED | DIRTY), 0);
	value = window[0];
	CHECK_EQ(value, 100);
	CHECK_EQ(table[0] & (ACCESSED | DIRTY), ACCESSED);
	CHECK_EQ(directory[0] & ACCESSED, ACCESSED);
	window[1] = 1;
	CHECK_EQ(table[0] & (ACCESSED | DIRTY), ACCESSED | DIRTY);
}

static void
remap_check(void)
{
	for (unsigned i = 0; i < 1000; i++) {
		window_show(i % 2);
		if (window[0] != 100 + i % 2)
			payload_fail("frame %u reads %lu", i % 2, window[0]);
	}
}

/* A table below a switch of CR3 is read anew. */
static void
cr3_check(void)
{
	window_show(0);
	CHECK_EQ(window[0], 100);
	table[0] = (uintptr_t)frames[1] | PRESENT_WRITE;
	cr3_write(cr3_read());
	CHECK_EQ(window[0], 101);
}

void
payload_run(void)
{
	frames[0][0] = 100;
	frames[1][0] = 101;
	window_open();
	bits_check();
	remap_check();
	cr3_check();
}
