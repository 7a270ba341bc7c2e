/* SPDX-License-Identifier: Apache-2.0 */
/* A storage controller: the protocol on its channels, its disks, requests. */
#ifndef MULLION_STORAGE_CONTROLLER_H
#define MULLION_STORAGE_CONTROLLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "manager/err.h"
#include "storage/disk.h"
#include "storage/vstor.h"

/* All disks are units of target 0 on path 0. */
#define CONTROLLER_LUNS 64
#define CONTROLLER_CHANNELS 16 /* channel 0 is the primary */
/* Requests of one channel that may be under way at a time. */
#define CONTROLLER_IN_FLIGHT 1024

enum controller_phase {
	CONTROLLER_CLOSED,
	CONTROLLER_OPENED,
	CONTROLLER_BEGUN,
	CONTROLLER_VERSIONED,
	CONTROLLER_READY,
};

/* What guest and controller have agreed on. */
struct controller_session {
	uint32_t phase; /* enum controller_phase */
	uint32_t sub_channels; /* that the guest wanted */
};

/* Where a controller's output goes. None calls the controller back. */
struct controller_ops {
	/* Answer the request @id of @channel, which is open. */
	void (*answer)(void *ctx, unsigned channel, uint64_t id,
	    const struct vstor_packet *p);

	/* Tell the guest unasked that disks came or went. */
	void (*announce)(void *ctx, const struct vstor_packet *p);

	/* The guest wants channels 1 to @count. */
	void (*sub_channels)(void *ctx, unsigned count);

	/* A channel that is being closed has nothing under way any more. */
	void (*idle)(void *ctx, unsigned channel);

	/* The session has changed; before an answer that tells the guest. */
	void (*remember)(void *ctx, const struct controller_session *s);
};

/* A bus reset that is answered when nothing is under way. */
struct controller_reset {
	bool waits;
	uint64_t id;
	struct vstor_packet packet;
};

struct controller_channel {
	bool open;
	bool closing;
	unsigned in_flight;
	struct controller_reset reset;
};

struct request;

struct controller {
	const struct controller_ops *ops;
	void *ctx;
	unsigned max_sub_channels;
	struct controller_session session;
	struct controller_channel channels[CONTROLLER_CHANNELS];
	unsigned in_flight; /* on all of them */
	struct disk *luns[CONTROLLER_LUNS];
	struct request *held; /* writes that wait for space */
};

/* One packet of the guest, in memory that is ours; @data is the guest's. */
struct arrival {
	unsigned channel;
	uint64_t id;
	const uint8_t *payload;
	size_t len;
	const struct iovec *data;
	unsigned data_count;
};

/* @c is all set; at most CONTROLLER_CHANNELS - 1 sub-channels. */
void controller_init(struct controller *c, const struct controller_ops *ops,
    void *ctx, unsigned max_sub_channels);

/* Give back all disks. Nothing may be under way. */
void controller_release(struct controller *c);

void controller_open(struct controller *c, unsigned channel);

/*
 * Instead of controller_open() of the primary: it was open before we were here,
 * and @s is what was remembered last. -1, and nothing is done: that cannot be.
 */
int controller_resume(struct controller *c,
    const struct controller_session *s);

/*
 * Nothing is answered on @channel any more. Op idle() follows, maybe before
 * this returns.
 */
void controller_close(struct controller *c, unsigned channel);

/* True while one more packet may be given to controller_receive(). */
bool controller_has_room(const struct controller *c, unsigned channel);

/* Handle one packet. -1: it is none of this protocol. */
int controller_receive(struct controller *c, const struct arrival *a);

/*
 * Make a disk of @setup appear as @lun, and own its backend. -1, and the
 * backend stays the caller's: EINVAL no such LUN or too small a backend,
 * EEXIST the LUN is taken or the serial number used, ENOMEM.
 */
int controller_attach(struct controller *c, const struct disk_setup *setup,
    unsigned lun, struct err *e);

/* Make it disappear; it is given back when nothing is under way. ENOENT. */
int controller_detach(struct controller *c, unsigned lun, struct err *e);

/* The size of the backend of @lun has changed to @size. ENOENT, EINVAL. */
int controller_resize(struct controller *c, unsigned lun, uint64_t size,
    struct err *e);

/* The lowest LUN that is free, of those from @lun on, or CONTROLLER_LUNS. */
unsigned controller_free_lun(const struct controller *c, unsigned lun);

/* True while writes wait for space: controller_retry() tries them again. */
bool controller_is_held(const struct controller *c);
void controller_retry(struct controller *c);

#endif
