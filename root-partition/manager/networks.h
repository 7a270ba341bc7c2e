/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the process of a running partition's network adapters. */
#ifndef MULLION_MANAGER_NETWORKS_H
#define MULLION_MANAGER_NETWORKS_H

#include <stdbool.h>
#include <stdint.h>

#include "manager/config.h"
#include "manager/config_network.h"
#include "manager/site.h"
#include "manager/tap.h"

struct network_state {
	uint64_t port;
	char bridge[CONFIG_BRIDGE_MAX];
	char device[CONFIG_BRIDGE_MAX];		/* the TAP device */
	char mac[CONFIG_MAC_TEXT_MAX];
	char address[16];		/* of the guest; may be empty */
	uint64_t vlan;			/* 0: none */
	uint64_t rate;			/* bits a second; 0: no limit */
	bool spoofing;
	bool up;			/* the link */
	bool used;			/* the guest's interface is up */
	uint64_t mtu;
	uint64_t queues;
	uint64_t sent_packets, sent_bytes;	/* by the guest */
	uint64_t received_packets, received_bytes;
	uint64_t dropped;		/* either way, for whatever reason */
	uint64_t spoofed;		/* of these, from other addresses */
};

/*
 * All return 0 when it was done. Else ENOTCONN when there is no such process,
 * ERR_TIMEOUT when it does not answer, EPROTO when it is not understood, or
 * EIO with what it says that went wrong. @text is as config_network_parse()
 * reads it, @tap what was made for it, and the caller's.
 */
int networks_list(const struct site *site, const char *name,
    struct network_state out[CONFIG_NETWORKS_MAX], unsigned *count,
    struct err *e);
int networks_attach(const struct site *site, const char *name,
    const char *text, const struct tap *tap, uint64_t *port, struct err *e);
int networks_detach(const struct site *site, const char *name, unsigned port,
    struct err *e);

/* Plug the cable in, or pull it. */
int networks_link(const struct site *site, const char *name, unsigned port,
    bool up, struct err *e);

/* Read a list; what it says is not trusted. */
int networks_parse(const uint8_t *json, size_t len,
    struct network_state out[CONFIG_NETWORKS_MAX], unsigned *count,
    struct err *e);

#endif
