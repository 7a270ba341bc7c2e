/* SPDX-License-Identifier: Apache-2.0 */
/* From the guest to the port. */
#ifndef MULLION_NETWORK_TRANSMIT_H
#define MULLION_NETWORK_TRANSMIT_H

#include "network/adapter.h"
#include "network/stream.h"

/* RNDIS headers and per-packet information that are looked at. */
#define TRANSMIT_HEADER_MAX	256u

/* Pieces of a frame in the guest's memory: 64 KiB in 32 ranges. */
#define TRANSMIT_PIECES_MAX	128u

/*
 * Send the frames in the RNDIS packet messages of @s. False: one of them was
 * nonsense, and what followed it was not looked at.
 */
bool transmit_frames(struct adapter *a, unsigned queue, struct stream *s);

#endif
