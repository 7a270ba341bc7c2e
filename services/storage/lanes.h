/* SPDX-License-Identifier: Apache-2.0 */
/* The channels between a controller and the guest. */
#ifndef MULLION_STORAGE_LANES_H
#define MULLION_STORAGE_LANES_H

#include <stdbool.h>
#include <stdint.h>

#include "storage/controller.h"
#include "vmbus/provider.h"

/* An answer for which there was no room in the ring. */
struct lane_answer {
	uint64_t id;
	struct vstor_packet packet;
};

/*
 * No more can wait: what is under way when a ring is full, a reset, and what
 * was answered at once.
 */
#define LANE_QUEUE (CONTROLLER_IN_FLIGHT + 2)

struct lane {
	struct lanes *lanes;
	unsigned number;
	struct offer *offer;	 /* NULL: not offered */
	struct channel *channel; /* NULL: not open */
	bool stalled;		 /* packets were left in the ring */
	bool rescinded;
	unsigned first;		 /* in the queue */
	unsigned count;
	struct lane_answer queue[LANE_QUEUE];
};

/* What a process that takes the channels over has to know. */
struct lanes_note {
	struct controller_session session;
	/* A bit for each operation the guest is to be told of. */
	uint32_t announcements;
};

struct lanes {
	struct provider *provider;
	struct controller *controller;
	struct lanes_note note;
	struct lane lane[CONTROLLER_CHANNELS];
};

/* What a controller of @l is to be initialised with; @l is its context. */
extern const struct controller_ops lanes_controller_ops;

/* As many sub-channels as make sense for a guest of @vps processors. */
unsigned lanes_sub_channels(uint32_t vps);

void lanes_init(struct lanes *l, struct provider *p, struct controller *c);

/* Offer the primary channel if it is not. */
int lanes_offer(struct lanes *l, struct err *e);

/* After requests have ended: signal the guest, go on where it had to wait. */
void lanes_flush(struct lanes *l);

#endif
