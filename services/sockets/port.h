/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of sockets, and the GUIDs that stand for them on VMBus. */
#ifndef MULLION_SOCKETS_PORT_H
#define MULLION_SOCKETS_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/provider.h"

/* The one that stands for any, which nobody can connect to. */
#define PORT_ANY UINT32_MAX

/* The GUID of a service or an endpoint that is port @port. */
struct guid port_guid(uint32_t port);

/* Back: false if @g is not made of a port, or of PORT_ANY. */
bool port_of_guid(const struct guid *g, uint32_t *port);

/*
 * A name for the host's end of a connection that the host begins: the guest
 * sees @port; @unique tells it from all others that there are.
 */
struct guid port_instance(uint32_t port, const uint8_t unique[12]);

enum port_direction {
	PORT_FROM_GUEST = 0,
	PORT_FROM_HOST = 1,
};

/* How the guest is offered one end of a connection. */
void port_offer(struct offer_setup *setup, enum port_direction direction,
    const struct guid *class_id, const struct guid *instance_id);

#endif
