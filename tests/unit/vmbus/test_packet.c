/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of a guest, well and badly made, and ours. */
#include <criterion/criterion.h>

#include "vmbus/packet.h"

#define PAGES 8u

static uint8_t pages[PAGES * MEMORY_PAGE];
static const struct memory_region region = { 0, sizeof(pages), 0 };
static struct memory memory;

/* A packet as 64-bit words. */
struct words {
	_Alignas(8) uint64_t w[32];
	size_t count;
};

static uint64_t
descriptor(unsigned type, unsigned offset8, unsigned len8, unsigned flags)
{
	return (uint64_t)flags << 48 | (uint64_t)len8 << 32 |
	    (uint64_t)offset8 << 16 | type;
}

static uint64_t
pair(uint32_t low, uint32_t high)
{
	return (uint64_t)high << 32 | low;
}

static bool
parse(const struct words *p, struct iovec *pieces, struct packet *out)
{
	cr_assert(memory_set(&memory, pages, sizeof(pages), &region, 1));
	return packet_parse((const uint8_t *)p->w, p->count * 8, &memory,
	    pieces, 32, out);
}

/* Is a packet with these words refused? */
#define REFUSED(...) refused((uint64_t[]){ __VA_ARGS__ }, \
	sizeof((uint64_t[]){ __VA_ARGS__ }) / 8)

static bool
refused(const uint64_t *w, size_t count)
{
	struct words p = { .count = count };
	struct iovec pieces[32];
	struct packet out;

	memcpy(p.w, w, count * 8);
	return !parse(&p, pieces, &out);
}

Test(packet, in_band_is_payload_only)
{
	struct words p = { { descriptor(6, 2, 4, 1), 77, 11, 22 }, 4 };
	struct iovec pieces[32];
	struct packet out;

	cr_assert(parse(&p, pieces, &out));
	cr_expect_eq(out.type, PACKET_IN_BAND);
	cr_expect(out.wants_completion);
	cr_expect_eq(out.transaction_id, 77);
	cr_expect_eq(out.payload_size, 16);
	cr_expect_eq(out.payload[8], 22);
}

Test(packet, skips_a_header_longer_than_it_must_be)
{
	struct words p = { { descriptor(11, 3, 4, 0), 1, 11, 22 }, 4 };
	struct iovec pieces[32];
	struct packet out;

	cr_assert(parse(&p, pieces, &out));
	cr_expect_eq(out.type, PACKET_COMPLETION);
	cr_expect_eq(out.payload_size, 8);
	cr_expect_eq(out.payload[0], 22);
}

Test(packet, gpa_direct_becomes_pieces_of_memory)
{
	/* 5000 bytes from 100 bytes into page 3, then one of page 1. */
	struct words p = { { descriptor(9, 8, 9, 1), 5, pair(0xdead, 2),
		pair(5000, 100), 3, 6, pair(1, 4095), 1, 42 }, 9 };
	struct iovec pieces[32];
	struct packet out;

	cr_assert(parse(&p, pieces, &out));
	cr_assert_eq(out.page_pieces, 3);
	cr_expect_eq(out.page_bytes, 5001);
	cr_expect_eq(out.pages[0].iov_base, pages + 3 * MEMORY_PAGE + 100);
	cr_expect_eq(out.pages[0].iov_len, 3996);
	cr_expect_eq(out.pages[1].iov_base, pages + 6 * MEMORY_PAGE);
	cr_expect_eq(out.pages[1].iov_len, 1004);
	cr_expect_eq(out.pages[2].iov_base, pages + MEMORY_PAGE + 4095);
	cr_expect_eq(out.payload_size, 8);
	cr_expect_eq(out.payload[0], 42);
}

Test(packet, transfer_pages_keeps_its_ranges)
{
	struct words p = { { descriptor(7, 5, 6, 0), 5, pair(0x1cafe, 2),
		pair(60, 0), pair(70, 2048), 9 }, 6 };
	struct iovec pieces[32];
	struct packet out;

	cr_assert(parse(&p, pieces, &out));
	cr_expect_eq(out.page_set, 0xcafe);
	cr_assert_eq(out.range_count, 2);
	cr_expect_eq(out.ranges[1].length, 70);
	cr_expect_eq(out.ranges[1].offset, 2048);
}

Test(packet, refuses_descriptors_that_lie)
{
	cr_expect(REFUSED(descriptor(6, 1, 2, 0), 0), "payload too early");
	cr_expect(REFUSED(descriptor(6, 3, 2, 0), 0), "payload too late");
	cr_expect(REFUSED(descriptor(6, 2, 3, 0), 0), "longer than it is");
	cr_expect(REFUSED(descriptor(6, 2, 2, 2), 0), "unknown flag");
	cr_expect(REFUSED(descriptor(8, 2, 2, 0), 0), "unused type");
	cr_expect(REFUSED(descriptor(0, 2, 2, 0), 0), "no type");
}

Test(packet, refuses_ranges_that_lie)
{
	cr_expect(REFUSED(descriptor(9, 2, 2, 0), 0), "no room for a count");
	cr_expect(REFUSED(descriptor(9, 3, 3, 0), 0, pair(0, 1)),
	    "range is missing");
	cr_expect(REFUSED(descriptor(9, 4, 4, 0), 0, pair(0, 1), pair(1, 0)),
	    "page is missing");
	cr_expect(REFUSED(descriptor(9, 5, 5, 0), 0, pair(0, 1),
	    pair(0, 0), 1), "empty");
	cr_expect(REFUSED(descriptor(9, 5, 5, 0), 0, pair(0, 1),
	    pair(1, 4096), 1), "offset beyond the page");
	cr_expect(REFUSED(descriptor(9, 5, 5, 0), 0, pair(0, 1),
	    pair(4096, 1), 1), "second page is missing");
	cr_expect(REFUSED(descriptor(9, 5, 5, 0), 0, pair(0, 1),
	    pair(UINT32_MAX, 4095), 1), "far too long");
	cr_expect(REFUSED(descriptor(9, 5, 5, 0), 0, pair(0, 1),
	    pair(1, 0), PAGES), "not memory");
	cr_expect(REFUSED(descriptor(9, 5, 5, 0), 0, pair(0, 2),
	    pair(1, 0), 1), "second range is missing");
	cr_expect(REFUSED(descriptor(9, 5, 5, 0), 0, pair(0, UINT32_MAX),
	    pair(1, 0), 1), "very many ranges");
	cr_expect(REFUSED(descriptor(7, 4, 4, 0), 0, pair(0, 2), pair(1, 1)),
	    "transfer range is missing");
	cr_expect(REFUSED(descriptor(7, 3, 3, 0), 0, pair(0, UINT32_MAX)),
	    "very many transfer ranges");
}

static size_t
image_bytes(const struct packet_image *image, uint8_t *out)
{
	size_t n = 0;

	for (unsigned i = 0; i < image->count; i++) {
		memcpy(out + n, image->pieces[i].iov_base,
		    image->pieces[i].iov_len);
		n += image->pieces[i].iov_len;
	}
	return n;
}

Test(packet, what_is_built_can_be_parsed)
{
	static const struct packet_range ranges[] = { { 60, 0 }, { 70, 64 } };
	struct iovec payload = { .iov_base = "eleven bytes", .iov_len = 11 };
	struct packet_out out = { .type = PACKET_TRANSFER_PAGES,
		.wants_completion = true, .transaction_id = 9,
		.payload = &payload, .payload_count = 1,
		.ranges = ranges, .range_count = 2, .page_set = 0xcafe };
	struct packet_image image;
	struct words p;
	struct iovec pieces[32];
	struct packet back;

	cr_assert(packet_build(&out, &image));
	cr_assert_eq(image.bytes, 16 + 8 + 16 + 16);
	p.count = image_bytes(&image, (uint8_t *)p.w) / 8;
	cr_assert(parse(&p, pieces, &back));
	cr_expect_eq(back.transaction_id, 9);
	cr_expect(back.wants_completion);
	cr_expect_eq(back.range_count, 2);
	cr_expect_eq(back.ranges[1].offset, 64);
	cr_expect_eq(back.page_set, 0xcafe);
	cr_assert_eq(back.payload_size, 16);
	cr_expect_eq(memcmp(back.payload, "eleven byte\0\0\0\0\0", 16), 0);
}

Test(packet, is_not_built_when_it_cannot_be)
{
	static uint8_t much[PACKET_LENGTH_MAX];
	struct iovec payload = { .iov_base = much, .iov_len = sizeof(much) };
	struct packet_out out = { .type = PACKET_IN_BAND, .payload = &payload,
		.payload_count = 1 };
	struct packet_image image;

	cr_expect_not(packet_build(&out, &image), "too long");
	out.payload_count = PACKET_PAYLOAD_PIECES + 1;
	cr_expect_not(packet_build(&out, &image), "too many pieces");
	out = (struct packet_out){ .type = PACKET_GPA_DIRECT };
	cr_expect_not(packet_build(&out, &image), "a guest's type");
}
