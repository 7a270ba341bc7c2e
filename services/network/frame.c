/* SPDX-License-Identifier: Apache-2.0 */
/* Finding the headers in a frame. */
#include "network/frame.h"

#include <string.h>

#define TYPE_IPV4	0x0800u
#define TYPE_IPV6	0x86ddu
#define TYPE_8021Q	0x8100u

#define IPV4_HEADER	20u
#define IPV6_HEADER	40u
#define IPV6_OPTIONS_MAX 8	/* headers that are looked behind */

#define IPV6_HOP_BY_HOP	0u
#define IPV6_ROUTING	43u
#define IPV6_FRAGMENT	44u
#define IPV6_DESTINATION 60u

static void
ipv4_parse(const uint8_t *head, size_t len, struct frame *f)
{
	const uint8_t *ip = head + f->network_at;
	size_t size;

	if (len - f->network_at < IPV4_HEADER || ip[0] >> 4 != 4)
		return;
	size = (size_t)(ip[0] & 0xf) * 4;
	if (size < IPV4_HEADER)
		return;
	f->network = FRAME_IPV4;
	f->protocol = ip[9];
	f->fragment = (frame_get16(ip + 6) & 0x3fff) != 0;
	f->transport_at = f->network_at + size;
}

static void
ipv6_parse(const uint8_t *head, size_t len, struct frame *f)
{
	const uint8_t *ip = head + f->network_at;
	size_t at = f->network_at + IPV6_HEADER;
	uint8_t next;

	if (len - f->network_at < IPV6_HEADER || ip[0] >> 4 != 6)
		return;
	f->network = FRAME_IPV6;
	next = ip[6];
	for (int i = 0; i < IPV6_OPTIONS_MAX; i++) {
		if (next != IPV6_HOP_BY_HOP && next != IPV6_ROUTING &&
		    next != IPV6_FRAGMENT && next != IPV6_DESTINATION) {
			f->protocol = next;
			f->transport_at = at;
			return;
		}
		if (at > len || len - at < 8)
			return;
		if (next == IPV6_FRAGMENT) {
			f->fragment = true;
			next = head[at];
			at += 8;
		} else {
			next = head[at];
			at += ((size_t)head[at + 1] + 1) * 8;
		}
	}
}

void
frame_parse(const uint8_t *head, size_t len, struct frame *f)
{
	size_t at = FRAME_HEADER;
	uint16_t type;

	memset(f, 0, sizeof(*f));
	if (len < FRAME_HEADER)
		return;
	type = frame_get16(head + 12);
	if (type == TYPE_8021Q && len >= FRAME_HEADER + FRAME_TAG) {
		f->tagged = true;
		f->tci = frame_get16(head + 14);
		type = frame_get16(head + 16);
		at += FRAME_TAG;
	}
	f->network_at = at;
	if (type == TYPE_IPV4)
		ipv4_parse(head, len, f);
	else if (type == TYPE_IPV6)
		ipv6_parse(head, len, f);
}

uint32_t
frame_sum(const uint8_t *bytes, size_t len, uint32_t sum)
{
	for (size_t i = 0; i + 1 < len; i += 2)
		sum += frame_get16(bytes + i);
	return sum;
}

uint16_t
frame_fold(uint32_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}
