/* SPDX-License-Identifier: Apache-2.0 */
/* The ports that are published: keeping them, telling where they lead. */
#ifndef MULLION_NETWORK_PUBLISHER_H
#define MULLION_NETWORK_PUBLISHER_H

#include "manager/publish.h"
#include "network/port.h"

struct publisher {
	int fd;			/* of the file; -1: nothing is published */
	unsigned held;		/* ports of the parent, whose sockets follow */
	int sockets[CONFIG_NETWORKS_MAX * CONFIG_PUBLISH_MAX];
	uint64_t written;	/* when, in ns */
	struct publish_state states[CONFIG_NETWORKS_MAX];
};

/*
 * Keep the ports of @config, and make the file in @run_dir that tells of
 * them. What is taken already is said and left out: the adapter works without.
 */
int publisher_begin(struct publisher *p, const struct config *config,
    const char *run_dir, struct err *e);

/* Only after it has begun. */
void publisher_end(struct publisher *p);

/*
 * Tell if an address has changed; not too often, as a guest could want. Not 0:
 * when to look again, on the clock of @now.
 */
uint64_t publisher_look(struct publisher *p,
    struct port *const ports[CONFIG_NETWORKS_MAX], uint64_t now);

#endif
