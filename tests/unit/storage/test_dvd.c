/* SPDX-License-Identifier: Apache-2.0 */
/* A DVD drive and its medium. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"

#define DVD_BLOCKS (MEMORY_DISK_BLOCKS / 4)

static struct guest g;

static void
set_up(void)
{
	guest_init_with_dvd(&g);
}

static void
tear_down(void)
{
	guest_free(&g);
}

TestSuite(dvd, .init = set_up, .fini = tear_down);

static void
eject(void)
{
	expect_good(GUEST_RUN(&g, 0, 0x1b, 0, 0, 0, 2, 0), 0);
}

Test(dvd, is_a_removable_read_only_unit_of_2_kib_blocks)
{
	expect_good(GUEST_RUN(&g, 96, 0x12, 0, 0, 0, 96, 0), 36);
	cr_expect_eq(g.data[0], 5);
	cr_expect_eq(g.data[1], 0x80);
	expect_good(GUEST_RUN(&g, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0), 8);
	cr_expect_eq(be_get(g.data, 4), DVD_BLOCKS - 1);
	cr_expect_eq(be_get(g.data + 4, 4), 2048);
	expect_sense(GUEST_RUN(&g, 2048, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0), 7,
	    0x2700);
	expect_sense(GUEST_RUN(&g, 96, 0x12, 1, 0xb0, 0, 96, 0), 5, 0x2400);
	expect_sense(GUEST_RUN(&g, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0), 5,
	    0x2000);
}

Test(dvd, blocks_are_read)
{
	memset(g.disk.bytes + 2048, 0x5a, 2048);
	expect_good(GUEST_RUN(&g, 2048, 0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0),
	    2048);
	cr_expect_eq(g.data[0], 0x5a);
	cr_expect_eq(g.data[2047], 0x5a);
	expect_good(GUEST_RUN(&g, 2048, 0xa8, 0, 0, 0, 0, DVD_BLOCKS - 1, 0, 0,
	    0, 1, 0, 0), 2048);
	cr_expect_eq(g.data[0], 0);
}

Test(dvd, capabilities_are_those_of_a_drive_with_a_tray)
{
	expect_good(GUEST_RUN(&g, 512, 0x5a, 0, 0x2a, 0, 0, 0, 0, 2, 0, 0),
	    8 + 20);
	cr_expect_eq(be_get(g.data + 8, 2), 0x2a12);
	cr_expect_eq(g.data[11], 0);
	cr_expect_eq(g.data[14], 0x29);
	expect_sense(GUEST_RUN(&g, 64, 0x1a, 0, 0x08, 0, 64, 0), 5, 0x2400);
}

Test(dvd, table_of_contents_has_one_track)
{
	expect_good(GUEST_RUN(&g, 64, 0x43, 0, 0, 0, 0, 0, 0, 0, 64, 0), 20);
	cr_expect_eq(be_get(g.data, 4), 0x00120101);
	cr_expect_eq(be_get(g.data + 4, 8), UINT64_C(0x0014010000000000));
	cr_expect_eq(be_get(g.data + 12, 4), 0x0014aa00);
	cr_expect_eq(be_get(g.data + 16, 4), DVD_BLOCKS);
	expect_good(GUEST_RUN(&g, 64, 0x43, 2, 0, 0, 0, 0, 0xaa, 0, 64, 0),
	    12);
	/* 64 + 150 blocks are 2 seconds and 64 frames. */
	cr_expect_eq(be_get(g.data + 8, 4), 0x00000240);
	expect_good(GUEST_RUN(&g, 64, 0x43, 0, 1, 0, 0, 0, 0, 0, 64, 0), 12);
	expect_sense(GUEST_RUN(&g, 64, 0x43, 0, 5, 0, 0, 0, 0, 0, 64, 0), 5,
	    0x2400);
}

Test(dvd, configuration_lists_features)
{
	expect_good(GUEST_RUN(&g, 8, 0x46, 0, 0, 0, 0, 0, 0, 0, 8, 0), 8);
	cr_expect_eq(be_get(g.data, 4), 8 + 12 + 8 + 8 + 12 - 4);
	cr_expect_eq(be_get(g.data + 6, 2), 0x0008);
	expect_good(GUEST_RUN(&g, 64, 0x46, 2, 0, 0x10, 0, 0, 0, 0, 64, 0),
	    20);
	cr_expect_eq(be_get(g.data + 8, 4), 0x00100308);
	cr_expect_eq(be_get(g.data + 12, 4), 2048);
	/* What it cannot do has no descriptor. */
	expect_good(GUEST_RUN(&g, 64, 0x46, 2, 0, 0x28, 0, 0, 0, 0, 64, 0), 8);
	expect_good(GUEST_RUN(&g, 34, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0), 34);
	expect_good(GUEST_RUN(&g, 8, 0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0),
	    8);
}

Test(dvd, event_says_whether_there_is_a_medium)
{
	expect_good(GUEST_RUN(&g, 8, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8, 0), 8);
	cr_expect_eq(be_get(g.data, 8), UINT64_C(0x0006041000020000));
	eject();
	expect_good(GUEST_RUN(&g, 8, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8, 0), 8);
	cr_expect_eq(g.data[5], 1);
	expect_good(GUEST_RUN(&g, 8, 0x4a, 1, 0, 0, 0x02, 0, 0, 0, 8, 0), 4);
	cr_expect_eq(g.data[2], 0x80);
	expect_sense(GUEST_RUN(&g, 8, 0x4a, 0, 0, 0, 0x10, 0, 0, 0, 8, 0), 5,
	    0x2400);
}

Test(dvd, ejected_medium_is_not_there_until_it_is_loaded)
{
	eject();
	expect_sense(GUEST_RUN(&g, 0, 0x00, 0, 0, 0, 0, 0), 2, 0x3a00);
	expect_sense(GUEST_RUN(&g, 2048, 0x28, 0, 0, 0, 0, 1, 0, 0, 1, 0), 2,
	    0x3a00);
	expect_sense(GUEST_RUN(&g, 64, 0x43, 0, 0, 0, 0, 0, 0, 0, 64, 0), 2,
	    0x3a00);
	expect_good(GUEST_RUN(&g, 96, 0x12, 0, 0, 0, 96, 0), 36);
	expect_good(GUEST_RUN(&g, 0, 0x1b, 0, 0, 0, 3, 0), 0);
	expect_sense(GUEST_RUN(&g, 0, 0x00, 0, 0, 0, 0, 0), 6, 0x2800);
	expect_good(GUEST_RUN(&g, 0, 0x00, 0, 0, 0, 0, 0), 0);
}

Test(dvd, locked_medium_stays)
{
	expect_good(GUEST_RUN(&g, 0, 0x1e, 0, 0, 0, 1, 0), 0);
	expect_sense(GUEST_RUN(&g, 0, 0x1b, 0, 0, 0, 2, 0), 5, 0x5302);
	expect_good(GUEST_RUN(&g, 0, 0x1e, 0, 0, 0, 0, 0), 0);
	eject();
}
