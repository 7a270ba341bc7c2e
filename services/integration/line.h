/* SPDX-License-Identifier: Apache-2.0 */
/* The channels that carry the services. */
#ifndef MULLION_INTEGRATION_LINE_H
#define MULLION_INTEGRATION_LINE_H

#include "integration/services.h"
#include "vmbus/provider.h"

struct lines;

struct lines_ops {
	/* The time that services are told. */
	uint64_t (*now)(void *ctx);
	/* Something happened to a service. */
	void (*changed)(void *ctx);
};

struct line {
	struct lines *lines;
	enum service service;
	struct ic *ic;
	struct offer *offer;	 /* NULL: not offered */
	struct channel *channel; /* NULL: not open */
};

struct lines {
	struct provider *provider;
	const struct lines_ops *ops;
	void *ctx;
	struct line line[SERVICES];
};

void lines_init(struct lines *l, struct provider *p, struct services *s,
    const struct lines_ops *ops, void *ctx);

/* Offer those that are not offered. */
int lines_offer(struct lines *l, struct err *e);

/* Send what the services have to say. */
void lines_flush(struct lines *l);

#endif
