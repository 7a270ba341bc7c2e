/* SPDX-License-Identifier: Apache-2.0 */
/* One adapter with its channels on one side and its TAP device on the other. */
#ifndef MULLION_NETWORK_PORT_H
#define MULLION_NETWORK_PORT_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "manager/config_network.h"
#include "network/adapter.h"
#include "network/tap.h"
#include "vmbus/provider.h"

struct port;

/* One queue of the adapter: an offer, and a channel while the guest has it. */
struct lane {
	struct port *port;
	unsigned number;		/* 0: the primary */
	struct offer *offer;
	struct channel *channel;
	bool held;			/* packets wait in its ring */
	bool rescinded;
	bool wanted;			/* again, once it is released */
};

struct port {
	sd_event *event;
	struct provider *provider;
	sd_event_source *sources[ADAPTER_QUEUES_MAX];	/* of the device */
	sd_event_source *timer;
	void (*changed)(void *ctx);
	void *ctx;
	uint8_t address[ADDRESS_SIZE];	/* the adapter's, as last told */
	bool stalled;			/* frames wait for the guest */
	bool holding;			/* the timer ends a channel's wait */
	bool leaving;			/* it was detached */
	struct config_network config;
	struct tap tap;
	struct adapter adapter;
	struct lane lanes[ADAPTER_QUEUES_MAX];
};

struct port_setup {
	sd_event *event;
	struct provider *provider;
	const struct config_network *config;
	uint8_t mac[CONFIG_MAC_SIZE];
	struct tap tap;			/* the port's from then on */
	/*
	 * The guest's address is another, or port_gone() is true now. Called
	 * from within events: the port must not be destroyed there.
	 */
	void (*changed)(void *ctx);
	void *ctx;
};

/* A port that is not offered yet. It stays where it is: NULL: no memory. */
struct port *port_create(const struct port_setup *setup, struct err *e);

/* Offer its primary channel to the guest. */
int port_offer(struct port *p, struct err *e);

/* Take it back from the guest; port_gone() tells when that is done. */
void port_leave(struct port *p);
bool port_gone(const struct port *p);

/* No channel may be open any more, or the provider be gone. NULL is fine. */
void port_destroy(struct port *p);

void port_set_link(struct port *p, bool up);

#endif
