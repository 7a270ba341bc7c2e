/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a provider's process: connection, offers, channels, sandbox. */
#ifndef MULLION_VMBUS_PROVIDER_H
#define MULLION_VMBUS_PROVIDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "manager/err.h"
#include "vmbus/channel.h"
#include "vmbus/gpadl.h"
#include "vmbus/guid.h"
#include "vmbus/memory.h"
#include "vmbus/message.h"
#include "vmbus/provider_protocol.h"
#include "vmbus/sandbox.h"

/* A provider's connection to the worker of its child. One thread. */
struct provider;

/* A channel that is offered, from provider_offer() to op released(). */
struct offer;

/* What concerns the whole provider. Every op may be NULL. */
struct provider_ops {
	/*
	 * The worker is gone; the usual answer is to end. ECONNRESET: it has
	 * ended, and the machine with it. All else: the machine goes on.
	 */
	void (*lost)(void *ctx, const struct err *why);

	/* PROVIDER_CONTACT and so on. */
	void (*event)(void *ctx, enum provider_event_kind kind,
	    uint32_t value);

	/* The answer to provider_ask_time(). */
	void (*time)(void *ctx, uint64_t reference, uint64_t realtime);

	/* The answer to provider_ask_memory(). */
	void (*memory)(void *ctx, const struct provider_memory_answer *a);

	/* The guest connects to a service of the host (sockets only). */
	void (*connect_request)(void *ctx, const struct guid *endpoint,
	    const struct guid *service);
};

/* What concerns one offer. Ops marked "optional" may be NULL. */
struct offer_ops {
	/*
	 * The guest opened the channel, or a predecessor left it open, as
	 * channel_resumed() tells. It lasts until offer_closed(). Packets may
	 * be sent from here on. -1 refuses; the reason is logged.
	 */
	int (*open)(void *ctx, struct channel *c,
	    const uint8_t user_data[MESSAGE_USER_DATA], struct err *e);

	/* channel_receive() until CHANNEL_EMPTY, or some and then resume. */
	void (*receive)(void *ctx, struct channel *c);

	/* After CHANNEL_FULL: there is room. Optional. */
	void (*writable)(void *ctx, struct channel *c);

	/*
	 * The guest closed the channel, or is gone: start nothing new on it,
	 * and call offer_closed() once nothing is under way, now or later.
	 * Until then the channel can be used, though nobody may listen.
	 */
	void (*close)(void *ctx, struct channel *c);

	/*
	 * The guest wants page list @g back: call offer_gpadl_removed() once
	 * it is used no more, now or later. NULL: it never is in use.
	 */
	void (*gpadl_remove)(void *ctx, const struct gpadl *g);

	/*
	 * The guest broke the rules in the channel's rings, and op receive()
	 * or a send met CHANNEL_BROKEN. The offer is being rescinded, with
	 * close() before. Optional.
	 */
	void (*broken)(void *ctx);

	/*
	 * The offer is no more: refused, rescinded and released, or because
	 * the guest's connection ended (sub-channels, sockets). The last op.
	 * @status is 0, or the errno number of a refusal. Optional.
	 */
	void (*released)(void *ctx, int status);
};

struct offer_setup {
	struct guid class_id;
	struct guid instance_id;
	uint16_t flags;			/* OFFER_... */
	uint16_t mmio_mib;
	uint16_t sub_channel;		/* 0: the primary; then 1, 2, ... */
	uint8_t user_data[MESSAGE_USER_DATA];
	size_t packet_max;	/* the guest's longest packet; 0: 4096 */
	/*
	 * Not 0: a lasting channel, which stays open for the guest when this
	 * process is killed, and has so many packets not answered at a time.
	 */
	uint32_t journal_slots;
	/*
	 * What comes has nothing to do with what is sent: op receive() is
	 * called even while a send has no room.
	 */
	bool duplex;
};

/*
 * Connect to the vmbus.sock in the folder @run_dir, wait for the welcome, and
 * map the guest's memory. Handlers run on @event from then on. NULL: failed.
 */
struct provider *provider_connect(sd_event *event, const char *run_dir,
    enum provider_kind kind, const struct provider_ops *ops, void *ctx,
    struct err *e);

/* The same over a socket that is connected; it is the provider's then. */
struct provider *provider_attach(sd_event *event, int fd,
    enum provider_kind kind, const struct provider_ops *ops, void *ctx,
    struct err *e);

/* Drop everything at once; no op is called, and no op may call it. */
void provider_destroy(struct provider *p);

/*
 * Give up all that serving the guest does not take: become the user that the
 * worker named if we are root, no capabilities, no new privileges, no file to
 * be opened, and only the system calls of an event loop, of channels and the
 * @count ones in @calls (SCMP_SYS numbers; sockets can be Unix sockets only).
 * To be called before an offer, when everything else is open, and before there
 * are threads.
 */
int provider_sandbox(struct provider *p, const int *calls, size_t count,
    struct err *e);

/* The same with ioctl requests, too. */
int provider_confine(struct provider *p, const struct sandbox_calls *more,
    struct err *e);

/*
 * The same, with the folder @dir as all there is that has a name; we are in
 * it. In a test, without rights, it is no more than that.
 */
int provider_sandbox_in(struct provider *p, const char *dir, const int *calls,
    size_t count, struct err *e);

/* What the worker told of the child. */
const struct memory *provider_memory(const struct provider *p);
uint64_t provider_partition_id(const struct provider *p);
/* Whom provider_sandbox() makes us, and our group. */
uint32_t provider_uid(const struct provider *p);
uint32_t provider_vps(const struct provider *p);
/* The VMBus version of the guest that is connected, or 0. */
uint32_t provider_guest_version(const struct provider *p);

/* Ask for both clocks; op time() answers. */
void provider_ask_time(struct provider *p);

/*
 * Ask for something about the guest's memory (dynamic memory only); op
 * memory() answers, in order.
 */
void provider_ask_memory(struct provider *p,
    const struct provider_memory_request *request);

/* The bytes that the parent has behind the guest's memory at the moment. */
uint64_t provider_memory_resident(const struct provider *p);

/* The answer to op connect_request() when there is nobody to connect to. */
void provider_refuse_connect(struct provider *p, const struct guid *endpoint,
    const struct guid *service);

/* Offer a channel to the guest. NULL: out of memory, or too many. */
struct offer *provider_offer(struct provider *p,
    const struct offer_setup *setup, const struct offer_ops *ops, void *ctx,
    struct err *e);

/*
 * Take an offer back, and its sub-channels first, each by its own call. If it
 * is open, op close() comes, and the guest is told only after offer_closed();
 * page lists are removed likewise. Op released() ends it.
 */
void offer_rescind(struct offer *o);

/* Answer to op close(): nothing touches the channel; it is destroyed. */
void offer_closed(struct offer *o);

/* Answer to op gpadl_remove(). */
void offer_gpadl_removed(struct offer *o, uint32_t handle);

/* A page list that the guest made for this channel, or NULL. */
const struct gpadl *offer_gpadl(const struct offer *o, uint32_t handle);

/* The channel while it is open, or NULL. */
struct channel *offer_channel(const struct offer *o);

#endif
