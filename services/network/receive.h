/* SPDX-License-Identifier: Apache-2.0 */
/* From the port to the guest. */
#ifndef MULLION_NETWORK_RECEIVE_H
#define MULLION_NETWORK_RECEIVE_H

#include <stdint.h>

/* The size of a part of the receive buffer for a guest with this MTU. */
uint32_t receive_part_size(uint32_t mtu);

#endif
