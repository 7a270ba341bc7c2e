/* SPDX-License-Identifier: Apache-2.0 */
/* The process: disks, their channels, and the control socket. */
#ifndef MULLION_STORAGE_STORAGE_H
#define MULLION_STORAGE_STORAGE_H

#include <systemd/sd-event.h>

#include "control/control.h"
#include "manager/config.h"
#include "storage/controller.h"
#include "storage/images.h"
#include "storage/lanes.h"
#include "storage/request.h"
#include "storage/uring.h"

#define STORAGE_SOCKET "storage.sock"

/* A client whose answer comes when a daemon has done its part. */
struct storage_wait {
	bool waits;
	enum request_op op;
	unsigned client;
};

struct storage {
	const char *name; /* of the partition */
	sd_event *event;
	sd_event_source *io;
	sd_event_source *timer;
	struct provider *provider;
	struct service_control *control;
	struct uring *uring;
	struct controller controller;
	struct lanes lanes;
	struct images images;
	struct err image_error; /* of the first disk that was refused */
	struct storage_wait waits[CONTROLLER_LUNS];
	struct config_disk made_of[CONTROLLER_LUNS];
	char reply[REQUEST_REPLY_MAX];
};

/*
 * Open the disks of @config, connect to the worker whose sockets are in
 * @run_dir, listen there, give up all rights, and offer the disks. What was
 * opened is kept when this fails, for storage_end(). @name outlives @s.
 */
int storage_begin(struct storage *s, sd_event *event, const char *name,
    const struct config *config, const char *run_dir, struct err *e);
void storage_end(struct storage *s);

#endif
