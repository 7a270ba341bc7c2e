/* SPDX-License-Identifier: Apache-2.0 */
/* Learning which IPv4 address a guest has from the frames it exchanges. */
#ifndef MULLION_NETWORK_ADDRESS_H
#define MULLION_NETWORK_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "network/frame.h"

#define ADDRESS_SIZE 4u

/*
 * Look at the first @len bytes of a frame from the guest, whose adapter has
 * the address @mac: does it tell by ARP which address is its own? It is to be
 * believed as far as the guest is.
 */
bool address_sent(const uint8_t *head, size_t len,
    const uint8_t mac[FRAME_MAC], uint8_t address[ADDRESS_SIZE]);

/* The same for a frame to it: does a DHCP server give it an address? */
bool address_received(const uint8_t *head, size_t len, const struct frame *f,
    const uint8_t mac[FRAME_MAC], uint8_t address[ADDRESS_SIZE]);

#endif
