/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums and segments that the other side of a port is to finish. */
#ifndef MULLION_NETWORK_OFFLOAD_H
#define MULLION_NETWORK_OFFLOAD_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "network/frame.h"

/* What the guest said of a frame beside the frame itself. */
struct packet_info {
	bool has_checksum, has_lso, has_tag;
	uint32_t checksum;	/* RNDIS_SEND_... */
	uint32_t lso;		/* RNDIS_LSO_... */
	uint32_t tag;		/* priority, CFI << 3, id << 4 */
};

/*
 * Fill @h for a frame of @frame_len bytes, of which @head are the first
 * @head_len, so that the port finishes what @info leaves to it; what the guest
 * left out of the headers is filled in there. False: it cannot be right.
 */
bool offload_send(uint8_t *head, size_t head_len, size_t frame_len,
    const struct packet_info *info, struct virtio_net_hdr *h);

/* RNDIS_INFO_CHECKSUM for a frame that came with @h; 0: nothing to be said. */
uint32_t offload_receive(const struct virtio_net_hdr *h,
    const struct frame *f);

#endif
