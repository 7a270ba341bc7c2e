/* SPDX-License-Identifier: Apache-2.0 */
/* What the two ends of raw channels share, and no program sees. */
#ifndef MULLION_VMBUS_RAW_RAW_STATE_H
#define MULLION_VMBUS_RAW_RAW_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "vmbus/packet.h"
#include "vmbus/provider_protocol.h"
#include "vmbus/raw/raw_channel.h"
#include "vmbus/ring.h"

/* What each end does in its own way; -1 and errno if it failed. */
struct raw_end {
	int (*signal)(struct raw_channel *c);
	/* Sleep until there is something to be looked at. */
	int (*wait)(struct raw_channel *c);
	/* Let go of all but the memory of @c itself. */
	void (*close)(struct raw_channel *c);
};

struct raw_channel {
	const struct raw_end *end;
	int fd;			/* to be polled */
	void *rings;		/* NULL: the channel is not open */
	size_t bytes;
	struct ring_writer out;
	struct ring_reader in;
	bool signal_due;
	struct provider_figures *figures;	/* the host's, or our own */
	struct provider_figures own_figures;
	/* Of the host's end. */
	int socket_fd;
	int kick_fd, call_fd;
};

/* errno = @code; returns -1. */
int raw_fail(int code);

/*
 * Use the @bytes at @rings, which is @out_first or the other ring first, and
 * the second from @first on. EPROTO: these are no rings.
 */
int raw_rings_attach(struct raw_channel *c, void *rings, size_t bytes,
    size_t first, bool out_first);

#endif
