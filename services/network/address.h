/* SPDX-License-Identifier: Apache-2.0 */
/* What frames say of IPv4 addresses: the guest's own, and those it feigns. */
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

/*
 * The same for a frame to it: does a DHCP server give it an address? Only the
 * one at @server is believed, as anybody can send such frames.
 */
bool address_received(const uint8_t *head, size_t len, const struct frame *f,
    const uint8_t mac[FRAME_MAC], const uint8_t server[FRAME_MAC],
    uint8_t address[ADDRESS_SIZE]);

/*
 * Does a frame of the guest say what its neighbours would believe and is not
 * the guest's to say: answers of a DHCP server, ARP for another adapter? Also
 * true where too little of such a frame is there to be sure.
 */
bool address_feigned(const uint8_t *head, size_t len,
    const uint8_t mac[FRAME_MAC]);

#endif
