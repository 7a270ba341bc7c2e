/* SPDX-License-Identifier: Apache-2.0 */
/* A GUID of a port: the port, then what is the same for all. */
#include "sockets/port.h"

#include <string.h>

static const struct guid template = GUID(0, 0xfacb, 0x11e6, 0xbd, 0x58, 0x64,
    0x00, 0x6a, 0x79, 0x86, 0xd3);

/* In an offer's user data: the kind of pipe, then who connects. */
#define USER_DIRECTION 4

struct guid
port_instance(uint32_t port, const uint8_t unique[12])
{
	struct guid g;

	for (unsigned i = 0; i < sizeof(port); i++)
		g.bytes[i] = (uint8_t)(port >> 8 * i);
	memcpy(g.bytes + sizeof(port), unique, sizeof(g) - sizeof(port));
	return g;
}

struct guid
port_guid(uint32_t port)
{
	return port_instance(port, template.bytes + sizeof(port));
}

bool
port_of_guid(const struct guid *g, uint32_t *port)
{
	uint32_t n = 0;

	if (memcmp(g->bytes + sizeof(n), template.bytes + sizeof(n),
	    sizeof(*g) - sizeof(n)) != 0)
		return false;
	for (unsigned i = 0; i < sizeof(n); i++)
		n |= (uint32_t)g->bytes[i] << 8 * i;
	if (n == PORT_ANY)
		return false;
	*port = n;
	return true;
}

void
port_offer(struct offer_setup *setup, enum port_direction direction,
    const struct guid *class_id, const struct guid *instance_id)
{
	*setup = (struct offer_setup){
		.class_id = *class_id,
		.instance_id = *instance_id,
		.flags = OFFER_TLNPI_PROVIDER | OFFER_NAMED_PIPE |
		    OFFER_ENUMERATE_INTERFACE,
		.duplex = true,
	};
	setup->user_data[USER_DIRECTION] = (uint8_t)direction;
}
