/* SPDX-License-Identifier: Apache-2.0 */
/* From the port to the guest. */
#ifndef MULLION_NETWORK_RECEIVE_H
#define MULLION_NETWORK_RECEIVE_H

/*
 * The size of a part of the receive buffer: a long frame takes few. Linux
 * sets as much memory aside for each of 64 queues.
 */
#define RECEIVE_PART 16384u

#endif
