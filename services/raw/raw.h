/* SPDX-License-Identifier: Apache-2.0 */
/* Raw channels: offered to the guest, and lent to programs of the parent. */
#ifndef MULLION_SERVICES_RAW_RAW_H
#define MULLION_SERVICES_RAW_RAW_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "manager/config.h"
#include "manager/err.h"
#include "vmbus/provider.h"

struct raw;

/* One channel of the configuration. */
struct raw_port {
	struct raw *raw;
	char name[CONFIG_CHANNEL_NAME_MAX];
	struct guid class_id, instance_id;
	struct offer *offer;		/* NULL: not offered */
	struct channel *channel;	/* NULL: the guest has it closed */
	bool closing;			/* the guest waits for its pages */
	bool lent;			/* the holder has them */
	int door_fd;			/* where holders come in */
	sd_event_source *door;
	int holder_fd;			/* -1: nobody holds it */
	sd_event_source *holder;
};

struct raw {
	sd_event *event;
	struct provider *provider;
	sd_event_source *patience;	/* on while the guest leaves */
	int udmabuf_fd;
	unsigned port_count;
	struct raw_port ports[CONFIG_CHANNELS_MAX];
};

/*
 * Serve the channels of @config to the partition whose worker is in @run_dir.
 * The loop ends when the worker is gone. -1: failed; raw_end() is to be called
 * all the same.
 */
int raw_begin(struct raw *r, sd_event *event, const struct config *config,
    const char *run_dir, struct err *e);
void raw_end(struct raw *r);

#endif
