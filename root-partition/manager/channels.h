/* SPDX-License-Identifier: Apache-2.0 */
/* The open channels of a running partition's VMBus, as its worker tells. */
#ifndef MULLION_MANAGER_CHANNELS_H
#define MULLION_MANAGER_CHANNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"
#include "manager/site.h"

#define CHANNELS_MAX 2047
#define CHANNEL_GUID_MAX 37
#define CHANNEL_CLASS_MAX 32

/* One direction. What has passed is counted from the open on. */
struct channel_flow {
	uint64_t size;		/* of the ring's data, in bytes */
	uint64_t fill;		/* bytes in it, 0 if @broken */
	uint64_t packets, bytes, signals;
	bool broken;		/* the guest has spoilt the ring */
};

struct channel_state {
	uint64_t relid;
	uint64_t sub_channel;	/* 0: the primary */
	uint64_t vp;		/* that the guest is signalled on */
	uint64_t full;		/* how often there was no room to the guest */
	bool has_vp;
	char class_id[CHANNEL_GUID_MAX];
	char instance_id[CHANNEL_GUID_MAX];
	struct channel_flow from_guest, to_guest;
};

/*
 * What the class of @c is called, like "network", or "socket 5000"; "raw" if
 * no other provider has it.
 */
void channel_class_name(const struct channel_state *c,
    char out[CHANNEL_CLASS_MAX]);

/*
 * Ask the worker of @name for all of them. Returns 0, or -1 with ENOTCONN when
 * no worker listens, ERR_TIMEOUT when it does not answer, EPROTO when it is
 * not understood, EIO when it refuses.
 */
int channels_list(const struct site *site, const char *name,
    struct channel_state out[CHANNELS_MAX], unsigned *count, struct err *e);

/*
 * Read an answer, which is not trusted, behind the *@count channels that are
 * there. @more: there are others beyond the last.
 */
int channels_parse(const uint8_t *json, size_t len,
    struct channel_state out[CHANNELS_MAX], unsigned *count, bool *more,
    struct err *e);

#endif
