/* SPDX-License-Identifier: Apache-2.0 */
/* Making a port of a bridge in the parent: a TAP device with several queues. */
#ifndef MULLION_MANAGER_TAP_H
#define MULLION_MANAGER_TAP_H

#include <stdint.h>

#include "manager/config_network.h"
#include "manager/err.h"

#define TAP_QUEUES_MAX	8u
#define TAP_MTU_MAX	9000u

/* Devices for children have this and a number for their name. */
#define TAP_PREFIX	"mtap"

struct tap {
	char name[CONFIG_BRIDGE_MAX];	/* of the device; the kernel chose it */
	uint32_t mtu;
	uint8_t bridge_mac[CONFIG_MAC_SIZE];	/* 0: not known */
	unsigned count;		/* of queues */
	int fds[TAP_QUEUES_MAX];
};

/*
 * Make a device with a queue for each of @vps, as far as may be, up, and a
 * port of the bridge of @network. It is gone when it is closed. Takes
 * CAP_NET_ADMIN. ENODEV, EOPNOTSUPP and the like with what can be done.
 */
int tap_open(struct tap *t, const struct config_network *network,
    unsigned vps, struct err *e);

void tap_close(struct tap *t);

#endif
