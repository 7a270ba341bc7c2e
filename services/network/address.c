/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of ARP and DHCP that tell addresses. */
#include "network/address.h"

#include <string.h>

#define TYPE_ARP	0x0806u
#define ARP_SIZE	28u
#define ARP_SENDER	8u	/* MAC, then IPv4 address */

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
    const uint8_t mac[FRAME_MAC], uint8_t address[ADDRESS_SIZE])
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
	    memcmp(dhcp + DHCP_HARDWARE, mac, FRAME_MAC) != 0 ||
	    !is_usable(dhcp + DHCP_YOURS))
		return false;
	memcpy(address, dhcp + DHCP_YOURS, ADDRESS_SIZE);
	return true;
}
