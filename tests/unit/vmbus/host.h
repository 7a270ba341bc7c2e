/* SPDX-License-Identifier: Apache-2.0 */
/* A provider's side of the server that keeps count and answers as told. */
#ifndef TESTS_VMBUS_HOST_H
#define TESTS_VMBUS_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/server_channel.h"

#define HOST_LISTS 64u

enum host_due { HOST_HELD, HOST_ADDED_DUE, HOST_REMOVED_DUE };

struct host_list {
	uint32_t handle;
	enum host_due due;
};

struct host {
	struct server_channel *channel;	/* NULL once it was released */
	bool late;			/* answers by host_answer() only */
	bool refuse;			/* lists and opens */

	bool opened_due, closed_due;
	bool open;
	unsigned opens, closes, adds, removes, signals, releases;
	struct server_open last_open;
	struct host_list lists[HOST_LISTS];	/* that we hold */
	unsigned list_count;
};

/* Offer a channel whose GUIDs begin with these two numbers. */
void host_offer(struct host *h, uint8_t class_number, uint8_t instance,
    uint16_t sub_channel, uint16_t flags);

/* All is stopped and nothing held any more, as before a rescind. */
void host_stop(struct host *h);

/* Give one answer that is due. False if there is none. */
bool host_answer(struct host *h);

#endif
