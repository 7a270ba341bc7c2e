/* SPDX-License-Identifier: Apache-2.0 */
/* Packets: those of a guest taken apart with care, ours put together. */
#include "vmbus/packet.h"

#include <string.h>

#define UNIT 8u
#define DESCRIPTOR sizeof(struct packet_descriptor)
/* Descriptor and what precedes the ranges of both kinds. */
#define RANGES_AT (DESCRIPTOR + sizeof(struct packet_page_set))

static const uint8_t zeros[UNIT];

static uint32_t
word_at(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/*
 * One range: length and offset, then its pages. Returns the bytes it takes of
 * the @left at @bytes, or 0.
 */
static size_t
range_parse(const uint8_t *bytes, size_t left, const struct memory *memory,
    struct iovec *pieces, size_t room, struct packet *p)
{
	uint64_t length, offset, pages;
	int added;

	if (left < sizeof(struct packet_range))
		return 0;
	length = word_at(bytes);
	offset = word_at(bytes + 4);
	if (length == 0 || offset >= MEMORY_PAGE)
		return 0;
	pages = (offset + length + MEMORY_PAGE - 1) / MEMORY_PAGE;
	left -= sizeof(struct packet_range);
	if (pages > left / sizeof(uint64_t))
		return 0;
	added = memory_pieces(memory,
	    (const uint64_t *)(const void *)(bytes + UNIT), pages, offset,
	    length, pieces + p->page_pieces, room - p->page_pieces);
	if (added < 0)
		return 0;
	p->page_pieces += (size_t)added;
	p->page_bytes += length;
	return sizeof(struct packet_range) + pages * sizeof(uint64_t);
}

static bool
gpa_direct_parse(const uint8_t *bytes, size_t head,
    const struct memory *memory, struct iovec *pieces, size_t room,
    struct packet *p)
{
	size_t at = RANGES_AT;
	uint32_t count;

	if (head < RANGES_AT)
		return false;
	/* The word before the count is reserved, and garbage in real life. */
	count = word_at(bytes + DESCRIPTOR + 4);
	for (uint32_t i = 0; i < count; i++) {
		size_t took = range_parse(bytes + at, head - at, memory,
		    pieces, room, p);

		if (took == 0)
			return false;
		at += took;
	}
	p->pages = pieces;
	return true;
}

static bool
transfer_pages_parse(const uint8_t *bytes, size_t head, struct packet *p)
{
	struct packet_page_set set;

	if (head < RANGES_AT)
		return false;
	memcpy(&set, bytes + DESCRIPTOR, sizeof(set));
	if (set.range_count > (head - RANGES_AT) / sizeof(struct packet_range))
		return false;
	p->page_set = set.id;
	p->ranges = (const void *)(bytes + RANGES_AT);
	p->range_count = set.range_count;
	return true;
}

bool
packet_parse(const uint8_t *bytes, size_t len, const struct memory *memory,
    struct iovec *pieces, size_t room, struct packet *p)
{
	struct packet_descriptor d;
	size_t head;

	if (len < sizeof(d))
		return false;
	memcpy(&d, bytes, sizeof(d));
	head = (size_t)d.offset8 * UNIT;
	if ((size_t)d.length8 * UNIT != len || head < sizeof(d) || head > len ||
	    (d.flags & ~PACKET_WANTS_COMPLETION) != 0)
		return false;
	*p = (struct packet){
		.type = (enum packet_type)d.type,
		.wants_completion = d.flags != 0,
		.transaction_id = d.transaction_id,
		.payload = bytes + head,
		.payload_size = len - head,
	};
	switch (d.type) {
	case PACKET_IN_BAND:
	case PACKET_COMPLETION:
		return true;
	case PACKET_GPA_DIRECT:
		return gpa_direct_parse(bytes, head, memory, pieces, room, p);
	case PACKET_TRANSFER_PAGES:
		return transfer_pages_parse(bytes, head, p);
	default:
		return false;
	}
}

static void
piece_add(struct packet_image *image, const void *base, size_t len)
{
	/* The writer only reads; struct iovec has no const. */
	image->pieces[image->count++] = (struct iovec){
		.iov_base = (void *)(uintptr_t)base, .iov_len = len };
	image->bytes += len;
}

static void
ranges_add(const struct packet_out *out, struct packet_image *image)
{
	image->page_set = (struct packet_page_set){ .id = out->page_set,
		.range_count = out->range_count };
	piece_add(image, &image->page_set, sizeof(image->page_set));
	piece_add(image, out->ranges,
	    out->range_count * sizeof(out->ranges[0]));
}

bool
packet_build(const struct packet_out *out, struct packet_image *image)
{
	size_t head;

	if (out->payload_count > PACKET_PAYLOAD_PIECES ||
	    out->range_count > PACKET_LENGTH_MAX / sizeof(out->ranges[0]))
		return false;
	image->count = 0;
	image->bytes = 0;
	piece_add(image, &image->descriptor, sizeof(image->descriptor));
	if (out->type == PACKET_TRANSFER_PAGES)
		ranges_add(out, image);
	else if (out->type != PACKET_IN_BAND && out->type != PACKET_COMPLETION)
		return false;
	head = image->bytes;
	for (unsigned i = 0; i < out->payload_count; i++) {
		if (out->payload[i].iov_len > PACKET_LENGTH_MAX)
			return false;
		piece_add(image, out->payload[i].iov_base,
		    out->payload[i].iov_len);
	}
	if (image->bytes % UNIT != 0)
		piece_add(image, zeros, UNIT - image->bytes % UNIT);
	if (image->bytes > PACKET_LENGTH_MAX)
		return false;
	image->descriptor = (struct packet_descriptor){
		.type = (uint16_t)out->type,
		.offset8 = (uint16_t)(head / UNIT),
		.length8 = (uint16_t)(image->bytes / UNIT),
		.flags = out->wants_completion ? PACKET_WANTS_COMPLETION : 0,
		.transaction_id = out->transaction_id,
	};
	return true;
}
