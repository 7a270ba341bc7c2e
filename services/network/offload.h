/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums and segments that the other side of a port is to finish. */
#ifndef MULLION_NETWORK_OFFLOAD_H
#define MULLION_NETWORK_OFFLOAD_H

#include <linux/virtio_net.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "network/frame.h"

#define OFFLOAD_TAIL_MAX	4096u

/*
 * Linux copies a frame into one piece of memory, of a power of two in size,
 * and clears that first. So much of 64 KiB is there for the frame; one of 45
 * segments of 1,448 bytes is longer, and would take 128 KiB.
 */
#define OFFLOAD_ONE_PIECE	65024u

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

/*
 * A frame of several segments for the guest takes @len bytes. How many at its
 * end are better sent as a frame of their own; 0: none. There are not more
 * than OFFLOAD_TAIL_MAX, and @head has all headers if there are any.
 */
size_t offload_tail(const struct virtio_net_hdr *h, const struct frame *f,
    const uint8_t *head, size_t head_len, size_t len);

/* Where the data of such a frame begins. */
size_t offload_data_at(const struct frame *f, const uint8_t *head);

/*
 * Its headers are at @first and at @second: make them those of two frames, of
 * @first_len and @second_len bytes.
 */
void offload_split(const struct frame *f, uint8_t *first, size_t first_len,
    uint8_t *second, size_t second_len);

/* RNDIS_INFO_CHECKSUM for a frame that came with @h; 0: nothing to be said. */
uint32_t offload_receive(const struct virtio_net_hdr *h,
    const struct frame *f);

#endif
