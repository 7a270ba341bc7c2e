/* SPDX-License-Identifier: Apache-2.0 */
/* A guest with a network driver, and a port, both in memory, for tests. */
#ifndef MULLION_TESTS_NETWORK_GUEST_H
#define MULLION_TESTS_NETWORK_GUEST_H

#include <linux/virtio_net.h>

#include "network/adapter.h"
#include "network/ndis_wire.h"
#include "network/nvsp_wire.h"
#include "network/rndis_wire.h"

#define GUEST_RECEIVE_GPADL	0xe1e10u
#define GUEST_SEND_GPADL	0xe1e11u
#define GUEST_RECEIVE_PAGES	512u
#define GUEST_SEND_PAGES	24u	/* 16 sections */
#define GUEST_DATA_PAGES	32u	/* for frames that it sends in ranges */

#define GUEST_PACKETS_MAX	64u
#define GUEST_FRAMES_MAX	256u
#define GUEST_FRAME_BYTES	70000u
#define CONTROL_REPLY_MAX	1664u

/* A packet that the adapter sent and the guest has not looked at. */
struct guest_packet {
	unsigned queue;
	enum packet_type type;
	uint64_t transaction_id;
	bool wants_completion;
	uint16_t page_set;
	unsigned range_count;
	struct packet_range ranges[ADAPTER_BATCH_MAX];
	size_t size;
	uint8_t payload[OUTBOX_PAYLOAD_MAX];
};

/* A frame at the port's end, or one that the guest received. */
struct guest_frame {
	struct virtio_net_hdr header;
	unsigned queue;
	size_t len;
	uint8_t *bytes;		/* of GUEST_FRAME_BYTES */
};

struct guest_frames {
	unsigned count;
	struct guest_frame frames[GUEST_FRAMES_MAX];
};

struct guest {
	struct adapter adapter;
	struct memory memory;
	struct gpadl *receive, *send;
	uint64_t data_pfn;		/* the first of GUEST_DATA_PAGES */
	uint64_t now;
	uint64_t next_id;
	uint32_t next_request;

	unsigned room;			/* packets that the rings still take */
	unsigned packet_count;
	struct guest_packet packets[GUEST_PACKETS_MAX];

	struct guest_frames sent;	/* to the port */
	struct guest_frames waiting;	/* at the port, for the guest */
	bool port_refuses;
	bool offload;
	unsigned offered;

	/* What the guest found beside a frame it received. */
	uint32_t last_checksum, last_tag, last_hash, last_fragment;
	unsigned last_parts;
};

extern const uint8_t guest_mac[FRAME_MAC];
/* Whose answers of DHCP are believed. */
extern const uint8_t guest_server[FRAME_MAC];

/* A machine without driver; @queues, @rate as in struct adapter_config. */
struct guest *guest_create(unsigned queues, uint64_t rate, bool spoofing);
void guest_destroy(struct guest *g);

/* Give the adapter one packet; false if it does not want one now. */
bool guest_packet(struct guest *g, unsigned queue, enum packet_type type,
    const void *payload, size_t len, const struct iovec *pages, size_t count);

/* Take the oldest packet of the adapter; false if there is none. */
bool guest_take(struct guest *g, struct guest_packet *out);

/* Send an NVSP message and take its answer; false if none came. */
bool guest_nvsp(struct guest *g, const struct nvsp_message *in,
    struct nvsp_message *out);

/* Send a control message, take completion and answer; its length, or 0. */
size_t guest_control(struct guest *g, const void *message, size_t len,
    uint8_t *out, size_t room);

/* A query and a set, with their status; the information goes to @out. */
uint32_t guest_query(struct guest *g, uint32_t oid, size_t want, uint8_t *out,
    size_t room, size_t *len);
uint32_t guest_set(struct guest *g, uint32_t oid, const void *info,
    size_t len);

/* What a driver does up to and with bringing its interface up. */
void guest_start(struct guest *g, uint32_t version);

/* Turn coalescing on or off, as ethtool does. */
uint32_t guest_set_coalesce(struct guest *g, bool on);

/* A packet message around @frame with @count infos; its length. */
size_t guest_message(uint8_t *out, const uint8_t *frame, size_t len,
    const struct rndis_info *infos, unsigned count);

/* Send @len bytes, by @section from its start and the rest in ranges. */
enum nvsp_status guest_send(struct guest *g, unsigned queue,
    const uint8_t *bytes, size_t len, uint32_t section, size_t in_section);

/* Put a frame at the port, for the guest. */
void guest_port_put(struct guest *g, const uint8_t *bytes, size_t len,
    const struct virtio_net_hdr *header);

/* Let the adapter take what is at the port. */
enum adapter_progress guest_poll(struct guest *g);

/*
 * Take one packet with frames from the adapter and append them to @to; the
 * transaction id is what guest_complete() wants. 0: there was none.
 */
uint64_t guest_receive(struct guest *g, unsigned *queue,
    struct guest_frames *to);
void guest_complete(struct guest *g, unsigned queue, uint64_t id);

void guest_frames_free(struct guest_frames *f);

/* An Ethernet frame to the guest or from it, over IPv4, with TCP. */
size_t guest_tcp_frame(uint8_t *out, bool from_guest, size_t payload);

/* What a DHCP server at guest_server sends to give the guest @address. */
size_t guest_dhcp_frame(uint8_t *out, const uint8_t address[ADDRESS_SIZE]);

#endif
