/* SPDX-License-Identifier: Apache-2.0 */
/* What frames tell of a guest's address, and what they do not. */
#include <criterion/criterion.h>
#include <string.h>

#include "network/address.h"

static const uint8_t mac[FRAME_MAC] = { 2, 0, 0, 1, 2, 3 };
static const uint8_t server[FRAME_MAC] = { 2, 0, 0, 9, 9, 9 };
static const uint8_t ip[ADDRESS_SIZE] = { 10, 94, 0, 23 };
static uint8_t frame[128], got[ADDRESS_SIZE];

static void
arp_make(void)
{
	static const uint8_t head[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 2 };

	memset(frame, 0xff, 6);
	memcpy(frame + 6, mac, 6);
	memcpy(frame + 12, head, sizeof(head));
	memcpy(frame + 22, mac, 6);
	memcpy(frame + 28, ip, 4);
}

/* An answer of a DHCP server behind @tag bytes. */
static void
dhcp_make(size_t tag)
{
	uint8_t *at = frame + 14 + tag;

	memcpy(frame + 6, server, 6);
	if (tag > 0)
		frame_put16(frame + 12, 0x8100);
	frame_put16(frame + 12 + tag, 0x0800);
	at[0] = 0x45;
	at[9] = FRAME_UDP;
	frame_put16(at + 20, 67);
	frame_put16(at + 22, 68);
	at[28] = 2;
	memcpy(at + 28 + 16, ip, 4);
	memcpy(at + 28 + 28, mac, 6);
}

static bool
received(size_t len)
{
	struct frame f;

	frame_parse(frame, len, &f);
	return address_received(frame, len, &f, mac, server, got);
}

Test(address, arp_of_the_guest_tells_it)
{
	arp_make();
	cr_assert(address_sent(frame, 42, mac, got));
	cr_expect_arr_eq(got, ip, sizeof(ip));
}

Test(address, other_arp_does_not)
{
	arp_make();
	cr_expect_not(address_sent(frame, 41, mac, got), "cut off");
	frame[27]++;
	cr_expect_not(address_sent(frame, 42, mac, got), "of another");
	frame[27]--;
	frame[28] = 0;
	cr_expect_not(address_sent(frame, 42, mac, got), "a probe");
	frame[28] = 224;
	cr_expect_not(address_sent(frame, 42, mac, got), "a group");
	frame[28] = 127;
	cr_expect_not(address_sent(frame, 42, mac, got), "the parent's own");
	frame[28] = 10;
	frame[17] = 1;
	cr_expect_not(address_sent(frame, 42, mac, got), "not of IPv4");
}

Test(address, dhcp_gives_it)
{
	dhcp_make(0);
	cr_assert(received(128));
	cr_expect_arr_eq(got, ip, sizeof(ip));
	memset(frame, 0, sizeof(frame));
	memset(got, 0, sizeof(got));
	dhcp_make(4);
	cr_assert(received(128));
	cr_expect_arr_eq(got, ip, sizeof(ip));
}

Test(address, other_dhcp_does_not)
{
	dhcp_make(0);
	for (size_t len = 0; len < 14 + 20 + 8 + 34; len++)
		cr_expect_not(received(len), "%zu", len);
	frame[14 + 20 + 8] = 1;
	cr_expect_not(received(128), "a request");
	frame[14 + 20 + 8] = 2;
	frame[14 + 20 + 8 + 28]++;
	cr_expect_not(received(128), "for another");
	frame[14 + 20 + 8 + 28]--;
	frame[14 + 7] = 1;
	cr_expect_not(received(128), "the middle of a packet");
	frame[14 + 7] = 0;
	cr_expect(received(128));
	memcpy(frame + 6, mac, 6);
	cr_expect_not(received(128), "of a neighbour");
}

Test(address, arp_of_another_is_feigned)
{
	arp_make();
	cr_expect_not(address_feigned(frame, 42, mac));
	cr_expect(address_feigned(frame, 41, mac), "cut off");
	frame[27]++;
	cr_expect(address_feigned(frame, 42, mac));
	cr_expect(address_feigned(frame, 128, mac));
	frame[27]--;
	frame[28] = 0;
	cr_expect_not(address_feigned(frame, 42, mac), "a probe");
}

Test(address, answers_of_a_dhcp_server_are_feigned)
{
	dhcp_make(0);
	for (size_t len = 14; len <= 128; len++)
		cr_expect(address_feigned(frame, len, mac), "%zu", len);
	frame_put16(frame + 34, 68);
	for (size_t len = 36; len <= 128; len++)
		cr_expect_not(address_feigned(frame, len, mac), "%zu", len);
	frame_put16(frame + 34, 67);
	frame[14 + 6] = 0x20;
	cr_expect(address_feigned(frame, 128, mac), "in pieces");
	frame[14 + 7] = 1;
	cr_expect_not(address_feigned(frame, 128, mac), "no port is there");
	frame[14 + 6] = frame[14 + 7] = 0;
	frame[14 + 9] = FRAME_TCP;
	cr_expect_not(address_feigned(frame, 128, mac), "TCP has such, too");
}

Test(address, options_and_tags_hide_nothing)
{
	uint8_t *at = frame + 12;

	memcpy(frame + 6, mac, 6);
	for (unsigned tags = 0; tags < 10; tags++) {
		memset(at, 0, frame + sizeof(frame) - at);
		frame_put16(at, 0x0800);
		at[2] = 0x4f;
		at[2 + 9] = FRAME_UDP;
		frame_put16(at + 2 + 60, 67);
		cr_expect(address_feigned(frame, 128, mac), "%u tags", tags);
		cr_expect(address_feigned(frame, (size_t)(at - frame) + 2 + 61,
		    mac), "%u tags, cut off", tags);
		frame_put16(at, tags % 2 == 0 ? 0x8100 : 0x88a8);
		cr_expect(address_feigned(frame, (size_t)(at - frame) + 4,
		    mac), "what is behind is not there");
		at += 4;
	}
	frame_put16(at, 0x86dd);
	cr_expect_not(address_feigned(frame, 128, mac));
}
