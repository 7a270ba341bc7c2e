/* SPDX-License-Identifier: Apache-2.0 */
/* Joining a bridge of the parent, and one of its VLANs. */
#ifndef MULLION_MANAGER_BRIDGE_H
#define MULLION_MANAGER_BRIDGE_H

#include <stdint.h>

#include "manager/err.h"

#define BRIDGE_MTU_USUAL 1500u

/*
 * Is @bridge one, and does it filter VLANs if @vlan is not 0? Its MTU goes to
 * *@mtu. ENODEV, EOPNOTSUPP.
 */
int bridge_check(const char *bridge, unsigned vlan, uint32_t *mtu,
    struct err *e);

/* Make @device a port of @bridge; @fd is any socket of the network. */
int bridge_join(int fd, const char *bridge, const char *device,
    unsigned vlan, struct err *e);

#endif
