/* SPDX-License-Identifier: Apache-2.0 */
/* A network adapter of a child: between VMBus channels and a port. Pure. */
#ifndef MULLION_NETWORK_ADAPTER_H
#define MULLION_NETWORK_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "manager/tap.h"
#include "network/address.h"
#include "network/bucket.h"
#include "network/frame.h"
#include "network/outbox.h"
#include "network/pool.h"
#include "network/rss.h"
#include "network/spares.h"
#include "vmbus/gpadl.h"
#include "vmbus/memory.h"
#include "vmbus/packet.h"

#define ADAPTER_QUEUES_MAX	TAP_QUEUES_MAX
#define ADAPTER_NAME_MAX	32u
#define ADAPTER_MTU_MIN		68u
#define ADAPTER_MTU_MAX		TAP_MTU_MAX

/* Ranges of a packet to the guest; the longest frame takes 5. */
#define ADAPTER_BATCH_MAX	128u

/* What an adapter needs of its surroundings; none of it calls back. */
struct adapter_ops {
	/* Send on a queue's channel. False: full; adapter_writable() later. */
	bool (*send)(void *ctx, unsigned queue, const struct packet_out *out);

	/* A page list of the primary channel, or NULL. */
	const struct gpadl *(*gpadl)(void *ctx, uint32_t handle);

	/* Offer the sub-channels 1 to @count, after what was sent before. */
	void (*offer_queues)(void *ctx, unsigned count);

	/*
	 * Send one frame, behind its virtio_net_hdr in the first piece. False:
	 * it was refused.
	 */
	bool (*port_send)(void *ctx, unsigned queue, const struct iovec *iov,
	    int count);

	/* Receive one, likewise. Returns its length; 0: there is none. */
	size_t (*port_receive)(void *ctx, unsigned queue,
	    const struct iovec *iov, int count);

	/* May frames come without checksums, and longer than the MTU? */
	void (*port_offload)(void *ctx, bool on);
};

struct adapter_config {
	uint8_t mac[FRAME_MAC];
	uint8_t server[FRAME_MAC];	/* whose DHCP is believed; or 0 */
	bool spoofing;		/* frames may say what is not the guest's */
	uint32_t mtu;		/* of the port */
	unsigned queues;	/* at most */
	uint64_t rate;		/* bytes a second each way; 0: no limit */
	char name[ADAPTER_NAME_MAX];
	const struct memory *memory;
};

struct adapter_stats {
	uint64_t sent_packets, sent_bytes;	/* by the guest */
	uint64_t sent_malformed;		/* not sent on: nonsense */
	uint64_t sent_spoofed;			/* from another, or feigned */
	uint64_t sent_refused;			/* by the port, or link down */
	uint64_t received_packets, received_bytes;
	uint64_t received_filtered;		/* not wanted by the guest */
	uint64_t received_dropped;		/* wanted, but not to be had */
	uint64_t bad_messages;			/* that broke the protocol */
};

struct adapter_batch {
	unsigned count;
	uint64_t id;		/* 0 until it was attempted to send it */
	uint32_t indexes[ADAPTER_BATCH_MAX];
	struct packet_range ranges[ADAPTER_BATCH_MAX];
};

struct adapter_queue {
	bool open;
	struct outbox outbox;
	struct adapter_batch batch;
	unsigned calm;		/* calls that need not look for more */
	struct adapter_stats stats;
};

struct adapter {
	struct adapter_config config;
	const struct adapter_ops *ops;
	void *ctx;
	bool link_up;
	uint8_t address[ADDRESS_SIZE];	/* of the guest; 0: not known */

	/* What the guest set, lost when it closes the primary channel. */
	uint32_t version;		/* of NVSP; 0: not yet */
	uint64_t capabilities;
	bool initialized;		/* RNDIS is */
	bool link_told;			/* what the guest believes */
	bool coalesce;			/* frames may be longer than the MTU */
	uint32_t filter;
	unsigned granted;		/* sub-channels */
	struct rss rss;
	const struct gpadl *receive_buffer;
	const struct gpadl *send_buffer;
	uint32_t section_count;
	struct pool pool;
	struct spares spares;
	uint16_t fragment_id;

	struct bucket send_bucket, receive_bucket;
	struct adapter_queue queues[ADAPTER_QUEUES_MAX];
};

/* @now in this header: nanoseconds of a clock that never goes back. */

void adapter_init(struct adapter *a, const struct adapter_config *config,
    const struct adapter_ops *ops, void *ctx, uint64_t now);
void adapter_destroy(struct adapter *a);

/* The guest opened or closed a queue's channel; 0 is the primary. */
void adapter_opened(struct adapter *a, unsigned queue);
void adapter_closed(struct adapter *a, unsigned queue);

/* The guest takes a page list back: it is not used from here on. */
void adapter_gpadl_removed(struct adapter *a, const struct gpadl *g);

/*
 * How long to wait before the next packet may be taken out of a queue's
 * ring: 0: not at all; UINT64_MAX: until adapter_writable().
 */
uint64_t adapter_packet_wait(struct adapter *a, unsigned queue, uint64_t now);

/* Handle a packet of the guest. */
void adapter_packet(struct adapter *a, unsigned queue,
    const struct packet *p);

/* There is room in a queue's ring. */
void adapter_writable(struct adapter *a, unsigned queue);

enum adapter_progress {
	ADAPTER_EMPTY,		/* wait for the port */
	ADAPTER_MORE,		/* call again soon */
	ADAPTER_STALLED,	/* call again after a packet or writable() */
	ADAPTER_LATER,		/* call again after *wait nanoseconds */
};

/*
 * Hand frames of the port's @port_queue, which is ready, to the guest, a batch
 * at most.
 */
enum adapter_progress adapter_receive(struct adapter *a, unsigned port_queue,
    uint64_t now, uint64_t *wait);

void adapter_set_link(struct adapter *a, bool up);

/* --- Between the parts of the adapter. --- */

/* Send on a queue, or keep it in the outbox. */
void adapter_post(struct adapter *a, unsigned queue,
    const struct outbox_entry *entry);

/* Send an RNDIS message of @len bytes on the control channel. */
bool adapter_control(struct adapter *a, const void *message, size_t len);

/* Tell the guest of the link if it believes otherwise. */
void adapter_tell_link(struct adapter *a);

/* The guest's or the buffer's say on coalescing changed. */
void adapter_set_coalesce(struct adapter *a, bool on);

/* Take the receive buffer away. */
void adapter_drop_receive_buffer(struct adapter *a);

#endif
