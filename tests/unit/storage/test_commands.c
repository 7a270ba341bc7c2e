/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that move data, and those around them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "guest.h"

#define BLOCKS_MINUS_ONE (MEMORY_DISK_BLOCKS - 1)

static struct guest g;

static void
set_up(void)
{
	guest_init_with_disk(&g);
	for (size_t i = 0; i < sizeof(g.data); i++)
		g.data[i] = (uint8_t)(i * 7 + i / 512);
}

static void
tear_down(void)
{
	guest_free(&g);
}

TestSuite(commands, .init = set_up, .fini = tear_down);

Test(commands, write_and_read_of_all_sizes_move_the_same_blocks)
{
	static const struct {
		uint8_t len, write[16], read[16];
	} cases[] = {
		{ 6, { 0x0a, 0, 0, 3, 2, 0 }, { 0x08, 0, 0, 3, 2, 0 } },
		{ 10, { 0x2a, 0, 0, 0, 0, 3, 0, 0, 2, 0 },
		    { 0x28, 0, 0, 0, 0, 3, 0, 0, 2, 0 } },
		{ 12, { 0xaa, 0, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0 },
		    { 0xa8, 0, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0 } },
		{ 16, { 0x8a, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0 },
		    { 0x88, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0 } },
	};
	uint8_t expected[1024];

	memcpy(expected, g.data, sizeof(expected));
	for (size_t i = 0; i < 4; i++) {
		memset(g.disk.bytes, 0, 4096);
		memcpy(g.data, expected, sizeof(expected));
		expect_good(guest_run(&g, cases[i].write, cases[i].len, 1024),
		    1024);
		cr_expect_arr_eq(g.disk.bytes + 3 * 512, expected, 1024);
		cr_expect_eq(g.disk.bytes[3 * 512 - 1], 0);
		cr_expect_eq(g.disk.bytes[5 * 512], 0);
		memset(g.data, 0, sizeof(g.data));
		expect_good(guest_run(&g, cases[i].read, cases[i].len, 1024),
		    1024);
		cr_expect_arr_eq(g.data, expected, 1024);
	}
}

Test(commands, larger_buffer_is_touched_no_further_than_asked)
{
	memset(g.data, 0xee, sizeof(g.data));
	expect_good(GUEST_RUN(&g, 2048, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0), 512);
	cr_expect_eq(g.data[511], 0);
	cr_expect_eq(g.data[512], 0xee);
}

Test(commands, smaller_buffer_than_asked_is_refused)
{
	expect_sense(GUEST_RUN(&g, 511, 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0), 5,
	    0x2400);
	expect_sense(GUEST_RUN(&g, 0, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0), 5,
	    0x2400);
}

Test(commands, blocks_beyond_the_end_are_refused)
{
	expect_good(GUEST_RUN(&g, 512, 0x28, 0, 0, 0, 0, BLOCKS_MINUS_ONE, 0,
	    0, 1, 0), 512);
	expect_sense(GUEST_RUN(&g, 1024, 0x28, 0, 0, 0, 0, BLOCKS_MINUS_ONE, 0,
	    0, 2, 0), 5, 0x2100);
	expect_sense(GUEST_RUN(&g, 512, 0x8a, 0, 255, 255, 255, 255, 255, 255,
	    255, 255, 0, 0, 0, 1, 0, 0), 5, 0x2100);
	expect_sense(GUEST_RUN(&g, 512, 0x88, 0, 255, 255, 255, 255, 255, 255,
	    255, 255, 255, 255, 255, 255, 0, 0), 5, 0x2100);
	/* 0 means 256 blocks in a short block only. */
	expect_sense(GUEST_RUN(&g, 512, 0x08, 0, 0, 1, 0, 0), 5, 0x2100);
	expect_good(GUEST_RUN(&g, 0, 0x28, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0);
}

Test(commands, transfer_longer_than_told_is_refused)
{
	g.disk.backend.size = UINT64_C(1) << 40;
	disk_resized(g.controller.luns[0]);
	g.controller.luns[0]->attention = SCSI_ASC_NONE;
	expect_sense(GUEST_RUN(&g, 512, 0x28, 0, 0, 0, 0, 0, 0, 0x08, 0x01,
	    0), 5, 0x2400);
}

Test(commands, forced_write_is_durable)
{
	expect_good(GUEST_RUN(&g, 512, 0x2a, 0x08, 0, 0, 0, 0, 0, 0, 1, 0),
	    512);
	cr_expect_eq(g.disk.durable_writes, 1);
	expect_good(GUEST_RUN(&g, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0), 512);
	cr_expect_eq(g.disk.durable_writes, 1);
}

Test(commands, protection_information_is_refused)
{
	expect_sense(GUEST_RUN(&g, 512, 0x2a, 0x20, 0, 0, 0, 0, 0, 0, 1, 0), 5,
	    0x2400);
}

Test(commands, flushes_reach_the_backend)
{
	expect_good(GUEST_RUN(&g, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0);
	expect_good(GUEST_RUN(&g, 0, 0x91, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	    0, 0, 0), 0);
	/* So does what precedes power off. */
	expect_good(GUEST_RUN(&g, 0, 0x1b, 0, 0, 0, 0, 0), 0);
	cr_expect_eq(g.disk.flushes, 3);
	expect_good(GUEST_RUN(&g, 0, 0x1b, 0, 0, 0, 1, 0), 0);
	cr_expect_eq(g.disk.flushes, 3);
}

Test(commands, capacity_is_that_of_the_backend)
{
	expect_good(GUEST_RUN(&g, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0), 8);
	cr_expect_eq(be_get(g.data, 4), BLOCKS_MINUS_ONE);
	cr_expect_eq(be_get(g.data + 4, 4), 512);
	expect_good(GUEST_RUN(&g, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	    0, 32, 0, 0), 32);
	cr_expect_eq(be_get(g.data, 8), BLOCKS_MINUS_ONE);
	cr_expect_eq(be_get(g.data + 8, 4), 512);
	cr_expect_eq(g.data[13], 3);
	cr_expect_eq(g.data[14], 0xc0);
	expect_sense(GUEST_RUN(&g, 32, 0x9e, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	    0, 0, 32, 0, 0), 5, 0x2400);
}

Test(commands, capacity_that_does_not_fit_is_all_ones)
{
	g.controller.luns[0]->blocks = UINT64_C(1) << 33;
	expect_good(GUEST_RUN(&g, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0), 8);
	cr_expect_eq(be_get(g.data, 4), UINT32_MAX);
}

Test(commands, mode_pages_tell_of_the_write_cache)
{
	expect_good(GUEST_RUN(&g, 255, 0x1a, 0, 0x08, 0, 255, 0), 4 + 8 + 20);
	cr_expect_eq(g.data[0], 31);
	cr_expect_eq(g.data[2], 0x10);
	cr_expect_eq(g.data[3], 8);
	cr_expect_eq(be_get(g.data + 5, 3), MEMORY_DISK_BLOCKS);
	cr_expect_eq(be_get(g.data + 9, 3), 512);
	cr_expect_eq(be_get(g.data + 12, 2), 0x0812);
	cr_expect_eq(g.data[14], 0x04);
	/* No descriptor, ten bytes of command, what could be changed. */
	expect_good(GUEST_RUN(&g, 512, 0x5a, 8, 0x48, 0, 0, 0, 0, 2, 0, 0),
	    8 + 20);
	cr_expect_eq(be_get(g.data, 2), 26);
	cr_expect_eq(be_get(g.data + 6, 2), 0);
	cr_expect_eq(g.data[10], 0);
}

Test(commands, all_mode_pages_come_together)
{
	expect_good(GUEST_RUN(&g, 255, 0x1a, 8, 0x3f, 0, 255, 0), 4 + 20 + 12);
	cr_expect_eq(g.data[4], 0x08);
	cr_expect_eq(be_get(g.data + 24, 2), 0x0a0a);
	expect_good(GUEST_RUN(&g, 4, 0x1a, 0, 0x3f, 0, 4, 0), 4);
	cr_expect_eq(g.data[0], 43);
}

Test(commands, unknown_mode_pages_are_refused)
{
	expect_sense(GUEST_RUN(&g, 255, 0x1a, 0, 0x1c, 0, 255, 0), 5, 0x2400);
	expect_sense(GUEST_RUN(&g, 255, 0x5a, 8, 0x0a, 5, 0, 0, 0, 0, 255, 0),
	    5, 0x2400);
	expect_sense(GUEST_RUN(&g, 255, 0x1a, 0, 0xc8, 0, 255, 0), 5, 0x3900);
}

Test(commands, read_only_disk_says_so_and_stays_as_it_is)
{
	g.controller.luns[0]->is.readonly = true;
	expect_good(GUEST_RUN(&g, 4, 0x1a, 0, 0x3f, 0, 4, 0), 4);
	cr_expect_eq(g.data[2], 0x80);
	expect_sense(GUEST_RUN(&g, 512, 0x2a, 0, 0, 0, 0, 0, 0, 0, 1, 0), 7,
	    0x2700);
	expect_sense(GUEST_RUN(&g, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0), 7,
	    0x2700);
	expect_good(GUEST_RUN(&g, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0), 0);
	cr_expect_eq(g.disk.flushes, 0);
	cr_expect_eq(g.disk.bytes[1], 0);
}

Test(commands, verify_checks_the_range)
{
	expect_good(GUEST_RUN(&g, 0, 0x2f, 0, 0, 0, 0, 0, 0, 0, 8, 0), 0);
	expect_sense(GUEST_RUN(&g, 0, 0x2f, 0, 0, 0, 1, 0, 0, 0, 8, 0), 5,
	    0x2100);
	expect_sense(GUEST_RUN(&g, 512, 0x8f, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	    0, 1, 0, 0), 5, 0x2400);
}

Test(commands, unknown_ones_are_refused)
{
	expect_sense(GUEST_RUN(&g, 0, 0x5e, 0, 0, 0, 0, 0, 0, 0, 0, 0), 5,
	    0x2000);
	/* A disk is no DVD drive. */
	expect_sense(GUEST_RUN(&g, 12, 0x43, 0, 0, 0, 0, 0, 0, 0, 12, 0), 5,
	    0x2000);
	expect_sense(GUEST_RUN(&g, 0, 0x28, 0, 0, 0, 0, 0), 5, 0x2400);
}

Test(commands, discard_zeroes_all_ranges_of_a_list)
{
	static const uint8_t list[40] = { 0, 38, 0, 32, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0 };

	memset(g.disk.bytes, 0xee, 16 * 512);
	memcpy(g.data, list, sizeof(list));
	expect_good(GUEST_RUN(&g, 40, 0x42, 0, 0, 0, 0, 0, 0, 0, 40, 0), 40);
	for (unsigned block = 0; block < 16; block++) {
		bool gone = block == 1 || block == 2 || block == 8;

		cr_expect_eq(g.disk.bytes[block * 512], gone ? 0 : 0xee,
		    "block %u", block);
		cr_expect_eq(g.disk.bytes[block * 512 + 511], gone ? 0 : 0xee);
	}
}

/* An UNMAP of @len bytes of @list. */
static const struct vstor_srb *
unmap(const uint8_t *list, uint8_t len)
{
	const uint8_t cdb[] = { 0x42, 0, 0, 0, 0, 0, 0, 0, len, 0 };

	memcpy(g.data, list, len);
	return guest_run(&g, cdb, sizeof(cdb), len);
}

Test(commands, wrong_discard_lists_are_refused)
{
	uint8_t list[40] = { 0, 22, 0, 16 };

	expect_good(unmap(list, 0), 0);
	expect_sense(unmap(list, 7), 5, 0x1a00);
	expect_sense(unmap(list, 23), 5, 0x2600);
	expect_good(unmap(list, 24), 0);
	list[14] = 1; /* LBA 256 */
	expect_good(unmap(list, 24), 0);
	list[19] = 1;
	expect_sense(unmap(list, 24), 5, 0x2100);
	list[8] = 255;
	expect_sense(unmap(list, 24), 5, 0x2100);
	list[2] = 255;
	expect_sense(unmap(list, 24), 5, 0x2600);
	expect_sense(GUEST_RUN(&g, 24, 0x42, 1, 0, 0, 0, 0, 0, 0, 24, 0), 5,
	    0x2400);
	expect_sense(GUEST_RUN(&g, 8, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0), 5,
	    0x1a00);
}

Test(commands, discard_where_there_is_none_is_unknown)
{
	g.disk.backend.discards = false;
	expect_sense(GUEST_RUN(&g, 24, 0x42, 0, 0, 0, 0, 0, 0, 0, 24, 0), 5,
	    0x2000);
}

Test(commands, errors_of_the_backend_become_sense)
{
	static const struct {
		int error;
		uint8_t opcode;
		unsigned key, asc;
	} cases[] = {
		{ EIO, 0x28, 3, 0x1100 },
		{ EIO, 0x2a, 3, 0x0c00 },
		{ EIO, 0x35, 3, 0x0c00 },
		{ ENOSPC, 0x2a, 7, 0x2707 },
		{ EDQUOT, 0x2a, 7, 0x2707 },
		{ EROFS, 0x2a, 7, 0x2700 },
		{ EINVAL, 0x28, 4, 0x4400 },
		{ EOPNOTSUPP, 0x35, 4, 0x4400 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		g.disk.error = cases[i].error;
		expect_sense(GUEST_RUN(&g, 512, cases[i].opcode, 0, 0, 0, 0, 0,
		    0, 0, 1, 0), cases[i].key, cases[i].asc);
	}
	cr_expect_eq(g.controller.luns[0]->stats.errors, 8);
}

Test(commands, requests_may_end_in_any_order)
{
	static const uint8_t cdb[] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0 };
	struct vstor_packet p = guest_srb(cdb, sizeof(cdb), 512);

	for (unsigned i = 0; i < 4; i++)
		cr_expect_null(guest_send_srb(&g, 0, &p));
	g.answer_count = 0;
	memory_disk_run(&g.disk);
	cr_assert_eq(g.answer_count, 4);
	for (unsigned i = 0; i < 4; i++)
		cr_expect_eq(g.answers[i].id, g.next_id - i);
}
