/* SPDX-License-Identifier: Apache-2.0 */
/* The process: ports, and the control socket. */
#ifndef MULLION_NETWORK_NETWORK_H
#define MULLION_NETWORK_NETWORK_H

#include <systemd/sd-event.h>

#include "control/control.h"
#include "manager/config.h"
#include "network/port.h"
#include "network/publisher.h"
#include "network/request.h"

#define NETWORK_SOCKET "network.sock"

struct network {
	const char *name;	/* of the partition */
	sd_event *event;
	sd_event_source *look;	/* when a port has changed */
	struct provider *provider;
	struct service_control *control;
	struct port *ports[CONFIG_NETWORKS_MAX];
	struct publisher publisher;
	char reply[REQUEST_REPLY_MAX];
};

/*
 * Connect to the worker whose sockets are in @run_dir, make the ports of
 * @config, listen there, give up all rights, and offer the adapters. What was
 * opened is kept when this fails, for network_end(). @name outlives @n.
 */
int network_begin(struct network *n, sd_event *event, const char *name,
    const struct config *config, const char *run_dir, struct err *e);
void network_end(struct network *n);

#endif
