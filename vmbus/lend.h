/* SPDX-License-Identifier: Apache-2.0 */
/* Lending an open channel to another process: its pages, and nothing else. */
#ifndef MULLION_VMBUS_LEND_H
#define MULLION_VMBUS_LEND_H

#include <linux/udmabuf.h>
#include <stdint.h>

#include "manager/err.h"
#include "vmbus/provider.h"

struct offer_loan {
	int rings_fd;		/* exactly the ring pages, guest to host first */
	int figures_fd;		/* a page with the channel's figures */
	int kick_fd, call_fd;	/* stay the offer's */
	uint32_t in_bytes, out_bytes;
};

/*
 * In op open(): this process does not listen to the channel's bell, nor touch
 * its rings. Op receive() does not come.
 */
void offer_leave_alone(struct offer *o);

/*
 * Make what another process needs to serve the open channel of @o. The first
 * two descriptors are the caller's then. Nobody can take them back: op close()
 * is to be answered when that process has let go. @udmabuf_fd: lend_open().
 */
int offer_lend(const struct offer *o, int udmabuf_fd, struct offer_loan *out,
    struct err *e);

/* Open /dev/udmabuf, while that is allowed. A descriptor, or -1. */
int lend_open(struct err *e);

/* The ioctl request that takes. */
#define OFFER_LEND_IOCTL UDMABUF_CREATE_LIST

#endif
