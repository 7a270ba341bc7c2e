/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of ARP and DHCP that tell addresses, and who may tell. */
#include "network/address.h"

#include <string.h>

#define TYPE_ARP	0x0806u
#define TYPE_IPV4	0x0800u
#define TYPE_8021Q	0x8100u
#define TYPE_8021AD	0x88a8u

#define ARP_SIZE	28u
#define ARP_SENDER	8u	/* MAC, then IPv4 address */

#define IPV4_HEADER	20u
#define IPV4_FRAGMENT	6u
#define IPV4_OFFSET	0x1fffu
#define IPV4_PROTOCOL	9u

#define UDP_HEADER	8u
#define PORT_SERVER	67u
#define PORT_CLIENT	68u
#define DHCP_REPLY	2u
#define DHCP_YOURS	16u	/* where the address is that is given */
#define DHCP_HARDWARE	28u	/* and whom to */

/* One that a host can have. */
static bool
is_usable(const uint8_t a[ADDRESS_SIZE])
{
	return a[0] != 0 && a[0] != 127 && a[0] < 224;
}

bool
address_sent(const uint8_t *head, size_t len, const uint8_t mac[FRAME_MAC],
    uint8_t address[ADDRESS_SIZE])
{
	/* Ethernet and IPv4, and how long their addresses are. */
	static const uint8_t kind[] = { 0, 1, 8, 0, 6, 4 };
	const uint8_t *arp = head + FRAME_HEADER;

	if (len < FRAME_HEADER + ARP_SIZE ||
	    frame_get16(head + 2 * FRAME_MAC) != TYPE_ARP ||
	    memcmp(arp, kind, sizeof(kind)) != 0 ||
	    memcmp(arp + ARP_SENDER, mac, FRAME_MAC) != 0 ||
	    !is_usable(arp + ARP_SENDER + FRAME_MAC))
		return false;
	memcpy(address, arp + ARP_SENDER + FRAME_MAC, ADDRESS_SIZE);
	return true;
}

bool
address_received(const uint8_t *head, size_t len, const struct frame *f,
    const uint8_t mac[FRAME_MAC], const uint8_t server[FRAME_MAC],
    uint8_t address[ADDRESS_SIZE])
{
	size_t at = f->transport_at;
	const uint8_t *dhcp;

	if (f->network != FRAME_IPV4 || f->protocol != FRAME_UDP ||
	    f->fragment || at > len ||
	    len - at < UDP_HEADER + DHCP_HARDWARE + FRAME_MAC ||
	    frame_get16(head + at) != PORT_SERVER ||
	    frame_get16(head + at + 2) != PORT_CLIENT)
		return false;
	dhcp = head + at + UDP_HEADER;
	if (dhcp[0] != DHCP_REPLY ||
	    memcmp(head + FRAME_MAC, server, FRAME_MAC) != 0 ||
	    memcmp(dhcp + DHCP_HARDWARE, mac, FRAME_MAC) != 0 ||
	    !is_usable(dhcp + DHCP_YOURS))
		return false;
	memcpy(address, dhcp + DHCP_YOURS, ADDRESS_SIZE);
	return true;
}

/* Whoever receives a frame looks behind any number of tags. */
static size_t
type_find(const uint8_t *head, size_t len)
{
	size_t at = 2 * FRAME_MAC;

	while (at + 2 <= len) {
		uint16_t type = frame_get16(head + at);

		if (type != TYPE_8021Q && type != TYPE_8021AD)
			break;
		at += FRAME_TAG;
	}
	return at;
}

/* Ports are in the first fragment of a packet, which has room for them. */
static bool
server_feigned(const uint8_t *ip, size_t len)
{
	size_t size;

	if (len < IPV4_HEADER)
		return true;
	if (ip[IPV4_PROTOCOL] != FRAME_UDP ||
	    (frame_get16(ip + IPV4_FRAGMENT) & IPV4_OFFSET) != 0)
		return false;
	size = (size_t)(ip[0] & 0xf) * 4;
	return len < size + 2 || frame_get16(ip + size) == PORT_SERVER;
}

bool
address_feigned(const uint8_t *head, size_t len, const uint8_t mac[FRAME_MAC])
{
	size_t at = type_find(head, len);
	const uint8_t *next;

	if (at + 2 > len)
		return true;
	next = head + at + 2;
	switch (frame_get16(head + at)) {
	case TYPE_ARP:
		return len - at - 2 < ARP_SIZE ||
		    memcmp(next + ARP_SENDER, mac, FRAME_MAC) != 0;
	case TYPE_IPV4:
		return server_feigned(next, len - at - 2);
	default:
		return false;
	}
}
