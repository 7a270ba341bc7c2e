/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a provider's frame share, and nobody else sees. */
#ifndef MULLION_VMBUS_PROVIDER_STATE_H
#define MULLION_VMBUS_PROVIDER_STATE_H

#include "vmbus/provider.h"
#include "vmbus/provider_link.h"
#include "vmbus/ring_map.h"

struct provider {
	sd_event *event;
	sd_event_source *source;
	const struct provider_ops *ops;
	void *ctx;
	struct provider_link link;
	bool lost;
	struct err failed;		/* @code not 0: we ended it */
	uint32_t uid;
	uint64_t partition_id;
	uint32_t vps;
	uint32_t guest_version;
	int memory_fd;
	enum provider_kind kind;
	int figures_fd;
	uint8_t *figures;		/* mapped */
	struct memory memory;
	struct gpadl_table gpadls;	/* their relid is the offer's number */
	struct offer *offers[PROVIDER_OFFERS_MAX + 1];	/* from 1 on */
	_Alignas(8) uint8_t buffer[PROVIDER_MESSAGE_MAX];
};

struct offer {
	struct provider *provider;
	uint32_t number;
	struct offer_setup setup;
	const struct offer_ops *ops;
	void *ctx;
	/* While the channel is open. */
	struct channel *channel;
	struct ring_map rings;
	uint32_t ring_gpadl, downstream_page;
	int kick_fd, call_fd;
	void *journal;
	sd_event_source *kick_source;
	bool close_asked;	/* op close() was called */
	bool close_done;	/* offer_closed() was called within an op */
	bool worker_closes;	/* the worker waits for CLOSED */
	bool rescinding;
	bool rescinded;		/* the worker was told */
	bool in_op;
};

/* provider.c */
/* Send; a failure ends the connection, which is then seen as lost. */
void provider_send(struct provider *p, const void *message);
void provider_send_short(struct provider *p, uint32_t type, uint32_t offer,
    uint32_t status);

/* offer.c */
/* The messages of the worker that concern one offer. */
void offer_on_offered(struct offer *o, uint32_t status);
void offer_on_released(struct offer *o);
void offer_on_gpadl_add(struct offer *o, const struct provider_gpadl_add *m);
void offer_on_gpadl_remove(struct offer *o, uint32_t handle);
/* The descriptors, as many as its type has, are the offer's, or closed. */
void offer_on_open(struct offer *o, const struct provider_open *m,
    const int *fds);
void offer_on_close(struct offer *o);
/* Without any op. */
void offer_destroy(struct offer *o);

#endif
