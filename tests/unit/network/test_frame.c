/* SPDX-License-Identifier: Apache-2.0 */
/* Finding headers in frames, whole and cut. */
#include <criterion/criterion.h>
#include <string.h>

#include "network/frame.h"

static uint8_t bytes[128];
static struct frame f;

static void
set_type(size_t at, uint16_t type)
{
	memset(bytes, 0, sizeof(bytes));
	frame_put16(bytes + at, type);
}

Test(frame, ipv4_with_options)
{
	set_type(12, 0x0800);
	bytes[14] = 0x46;
	bytes[14 + 9] = FRAME_UDP;
	frame_parse(bytes, sizeof(bytes), &f);
	cr_expect_eq(f.network, FRAME_IPV4);
	cr_expect_eq(f.protocol, FRAME_UDP);
	cr_expect_eq(f.network_at, 14);
	cr_expect_eq(f.transport_at, 14 + 24);
	cr_expect_not(f.fragment || f.tagged);
}

Test(frame, fragment_of_ipv4)
{
	set_type(12, 0x0800);
	bytes[14] = 0x45;
	bytes[14 + 7] = 1;
	frame_parse(bytes, sizeof(bytes), &f);
	cr_expect(f.fragment);
	/* "Do not fragment" makes none. */
	bytes[14 + 7] = 0;
	bytes[14 + 6] = 0x40;
	frame_parse(bytes, sizeof(bytes), &f);
	cr_expect_not(f.fragment);
}

Test(frame, tag_moves_what_follows)
{
	set_type(12, 0x8100);
	frame_put16(bytes + 14, 0x6005);
	frame_put16(bytes + 16, 0x86dd);
	bytes[18] = 0x60;
	bytes[18 + 6] = FRAME_TCP;
	frame_parse(bytes, sizeof(bytes), &f);
	cr_expect(f.tagged);
	cr_expect_eq(f.tci, 0x6005);
	cr_expect_eq(f.network, FRAME_IPV6);
	cr_expect_eq(f.transport_at, 18 + 40);
}

Test(frame, looks_behind_options_of_ipv6)
{
	set_type(12, 0x86dd);
	bytes[14] = 0x60;
	bytes[14 + 6] = 0;		/* hop by hop, 16 bytes */
	bytes[54] = 44;			/* then a fragment header */
	bytes[55] = 1;
	bytes[70] = FRAME_TCP;
	frame_parse(bytes, sizeof(bytes), &f);
	cr_expect_eq(f.protocol, FRAME_TCP);
	cr_expect(f.fragment);
	cr_expect_eq(f.transport_at, 78);
}

Test(frame, options_without_end_are_given_up)
{
	set_type(12, 0x86dd);
	bytes[14] = 0x60;		/* all zero: hop by hop for ever */
	frame_parse(bytes, sizeof(bytes), &f);
	cr_expect_eq(f.transport_at, 0);
	cr_expect_eq(f.protocol, 0);
}

Test(frame, cut_headers_are_not_there)
{
	set_type(12, 0x0800);
	bytes[14] = 0x45;
	frame_parse(bytes, 14 + 19, &f);
	cr_expect_eq(f.network, FRAME_OTHER);
	frame_parse(bytes, 13, &f);
	cr_expect_eq(f.network_at, 0);
	bytes[14] = 0x44;		/* shorter than a header is */
	frame_parse(bytes, sizeof(bytes), &f);
	cr_expect_eq(f.network, FRAME_OTHER);
}

Test(frame, sums_as_ip_does)
{
	static const uint8_t header[20] = {
		0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
		0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7,
	};

	cr_expect_eq(frame_fold(frame_sum(header, sizeof(header), 0)),
	    0xffff);
}
