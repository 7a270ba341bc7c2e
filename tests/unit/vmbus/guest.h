/* SPDX-License-Identifier: Apache-2.0 */
/* A guest in a process: posts control messages to a server, keeps answers. */
#ifndef TESTS_VMBUS_GUEST_H
#define TESTS_VMBUS_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmbus/server.h"

#define GUEST_PAGES	256u
#define GUEST_VPS	4u
#define GUEST_INBOX	8192u
#define GUEST_RING_PAGES 8u

/* As they come, so that any message can be looked at as what it is. */
union guest_message {
	struct message_header header;
	struct message_offer offer;
	struct message_relid relid;
	struct message_open_result open_result;
	struct message_gpadl_created created;
	struct message_gpadl_torndown torndown;
	struct message_version_response version;
	struct message_modify_response modified;
	struct message_tl_connect_result connect;
	uint8_t bytes[MESSAGE_BYTES_MAX];
};

struct guest {
	struct server *server;
	struct memory memory;
	uint64_t now;

	union guest_message inbox[GUEST_INBOX];
	unsigned count;		/* of the inbox */
	unsigned seen;		/* by guest_next() */
	uint32_t vp;		/* the last message's */
	uint8_t sint;

	/* One message fits into the slot; when it is slow, so it stays. */
	bool slow;
	bool slot_full;
	union guest_message slot;

	unsigned signals;
	uint32_t signal_vp;
	uint16_t signal_relid;

	unsigned contacts, quiets;
	uint32_t contact_version;
	unsigned connects;
	struct guid service;
};

/* The one guest, with a new server. */
extern struct guest guest;

void guest_create(void);
void guest_destroy(void);

/* Take the message out of the slot, and tell. False if it is empty. */
bool guest_take(void);

/* The next message of the inbox, of @type; fails the test if it is another. */
const union guest_message *guest_next(enum message_type type);

/* There is no message that was not looked at. */
bool guest_idle(void);

enum hv_status guest_post(const void *message, size_t len);
enum hv_status guest_post_type(enum message_type type);
enum hv_status guest_post_relid(enum message_type type, uint32_t relid);

enum hv_status guest_contact(uint32_t version);
/* Contact and offers, all answers read. Returns how many were offered. */
unsigned guest_connect(void);

/* @pages pages from number 1 on, as few messages as it takes. */
void guest_gpadl(uint32_t relid, uint32_t handle, uint32_t pages);
enum hv_status guest_teardown(uint32_t relid, uint32_t handle);
enum hv_status guest_open(uint32_t relid, uint32_t handle, uint32_t vp);

/* Rings and open, answers read: an open channel. */
void guest_open_channel(uint32_t relid, uint32_t handle);

#endif
