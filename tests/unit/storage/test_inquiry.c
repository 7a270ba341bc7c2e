/* SPDX-License-Identifier: Apache-2.0 */
/* What units say of themselves. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"

static struct guest g;

static void
set_up(void)
{
	guest_init_with_disk(&g);
}

static void
tear_down(void)
{
	guest_free(&g);
}

TestSuite(inquiry, .init = set_up, .fini = tear_down);

/* The page @page of LUN 0, after its four bytes of head. */
static const uint8_t *
page(uint8_t code, size_t *len)
{
	const struct vstor_srb *srb;

	memset(g.data, 0xee, sizeof(g.data));
	srb = GUEST_RUN(&g, 255, 0x12, 1, code, 0, 255, 0);
	cr_assert_eq(srb->scsi_status, 0, "page %02x", code);
	cr_expect_eq(g.data[1], code);
	*len = (size_t)be_get(g.data + 2, 2);
	cr_expect_eq(srb->transfer_length, *len + 4);
	cr_expect_eq(g.data[*len + 4], 0xee);
	return g.data + 4;
}

Test(inquiry, standard_data_is_that_of_a_disk)
{
	expect_good(GUEST_RUN(&g, 96, 0x12, 0, 0, 0, 96, 0), 36);
	cr_expect_eq(g.data[0], 0);
	cr_expect_eq(g.data[1], 0);
	cr_expect_eq(g.data[2], 6);
	cr_expect_eq(g.data[3], 2);
	cr_expect_eq(g.data[4], 31);
	cr_expect_eq(g.data[7], 2);
	cr_expect_arr_eq(g.data + 8, "MULLION Virtual Disk    1   ", 28);
}

Test(inquiry, short_allocation_cuts_the_answer)
{
	memset(g.data, 0xee, sizeof(g.data));
	expect_good(GUEST_RUN(&g, 96, 0x12, 0, 0, 0, 5, 0), 5);
	cr_expect_eq(g.data[5], 0xee);
	expect_good(GUEST_RUN(&g, 3, 0x12, 0, 0, 0, 36, 0), 3);
	expect_good(GUEST_RUN(&g, 0, 0x12, 0, 0, 0, 0, 0), 0);
}

Test(inquiry, each_page_that_is_listed_is_there)
{
	static const uint8_t pages[] = { 0x00, 0x80, 0x83, 0xb0, 0xb1, 0xb2 };
	const uint8_t *list;
	size_t len;

	list = page(0x00, &len);
	cr_assert_eq(len, sizeof(pages));
	cr_expect_arr_eq(list, pages, sizeof(pages));
	for (size_t i = 0; i < sizeof(pages); i++)
		page(pages[i], &len);
}

Test(inquiry, others_are_refused)
{
	expect_sense(GUEST_RUN(&g, 96, 0x12, 1, 0x89, 0, 96, 0), 5, 0x2400);
	expect_sense(GUEST_RUN(&g, 96, 0x12, 0, 0x80, 0, 96, 0), 5, 0x2400);
}

Test(inquiry, serial_number_and_identifiers_follow_from_the_name)
{
	const uint8_t *at;
	size_t len;

	at = page(0x80, &len);
	cr_assert_eq(len, 6);
	cr_expect_arr_eq(at, "demo-0", 6);
	at = page(0x83, &len);
	cr_assert_eq(len, 12 + 4 + 8 + 6);
	cr_expect_eq(be_get(at, 4), 0x01030008);
	/* This number must never change: guests mount by it. */
	cr_expect_eq(be_get(at + 4, 8), UINT64_C(0x3e0312a66aa3d0b8), "%lx",
	    (unsigned long)be_get(at + 4, 8));
	cr_expect_eq(be_get(at + 12, 4), 0x0201000e);
	cr_expect_arr_eq(at + 16, "MULLION demo-0", 14);
}

Test(inquiry, limits_and_provisioning_tell_of_discard)
{
	const uint8_t *at;
	size_t len;

	at = page(0xb0, &len) - 4;
	cr_expect_eq(len, 60);
	cr_expect_eq(be_get(at + 8, 4), 2048);
	cr_expect_eq(be_get(at + 20, 4), UINT32_C(1) << 21);
	cr_expect_eq(be_get(at + 24, 4), 64);
	cr_expect_eq(be_get(at + 28, 4), 8);
	at = page(0xb1, &len) - 4;
	cr_expect_eq(be_get(at + 4, 2), 1);
	at = page(0xb2, &len) - 4;
	cr_expect_eq(at[5], 0x84);
	cr_expect_eq(at[6], 2);
}

Test(inquiry, backend_without_discard_is_fully_provisioned)
{
	const uint8_t *at;
	size_t len;

	g.disk.backend.discards = false;
	at = page(0xb0, &len) - 4;
	cr_expect_eq(be_get(at + 20, 4), 0);
	at = page(0xb2, &len) - 4;
	cr_expect_eq(at[5], 0);
	expect_good(GUEST_RUN(&g, 32, 0x9e, 0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	    0, 32, 0, 0), 32);
	cr_expect_eq(g.data[14], 0);
}

Test(inquiry, absent_units_say_that_there_is_none)
{
	static const uint8_t cdb[] = { 0x12, 0, 0, 0, 36, 0 };

	for (unsigned path = 0; path < 8; path++)
		for (unsigned target = 0; target < 2; target++) {
			struct vstor_packet p = guest_srb(cdb, sizeof(cdb),
			    36);

			p.srb.path = (uint8_t)path;
			p.srb.target = (uint8_t)target;
			p.srb.lun = path + target == 0 ? 1 : 0;
			expect_good(&guest_send_srb(&g, 0, &p)->packet.srb,
			    36);
			cr_expect_eq(g.data[0], 0x7f);
			cr_expect_eq(g.data[2], 6);
		}
}

Test(inquiry, luns_are_listed_on_every_target)
{
	static const uint8_t cdb[] = { 0xa0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 0,
		0 };
	struct vstor_packet p = guest_srb(cdb, sizeof(cdb), 4096);
	struct disk_setup s = guest_disk_setup(&g, "other");
	struct memory_disk other;
	struct err e;

	memory_disk_init(&other, 4096);
	s.backend = &other.backend;
	cr_assert_eq(controller_attach(&g.controller, &s, 5, &e), 0);
	expect_good(&guest_send_srb(&g, 0, &p)->packet.srb, 24);
	cr_expect_eq(be_get(g.data, 4), 16);
	cr_expect_eq(be_get(g.data + 8, 8), 0);
	cr_expect_eq(be_get(g.data + 16, 8), UINT64_C(5) << 48);
	p.srb.target = 1;
	expect_good(&guest_send_srb(&g, 0, &p)->packet.srb, 8);
	cr_expect_eq(be_get(g.data, 8), 0);
	cr_assert_eq(controller_detach(&g.controller, 5, &e), 0);
	memory_disk_free(&other);
}

Test(inquiry, other_commands_to_absent_units_have_them_removed)
{
	static const uint8_t cdb[] = { 0x00, 0, 0, 0, 0, 0 };
	struct vstor_packet p = guest_srb(cdb, sizeof(cdb), 0);
	const struct vstor_srb *srb;

	p.srb.lun = 3;
	srb = &guest_send_srb(&g, 0, &p)->packet.srb;
	cr_expect_eq(srb->srb_status, VSTOR_SRB_INVALID_LUN);
	p.srb.lun = 255;
	srb = &guest_send_srb(&g, 0, &p)->packet.srb;
	cr_expect_eq(srb->srb_status, VSTOR_SRB_INVALID_LUN);
}
