/* SPDX-License-Identifier: Apache-2.0 */
/* A port of a bridge in the parent: a TAP device with several queues. */
#ifndef MULLION_NETWORK_TAP_H
#define MULLION_NETWORK_TAP_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "manager/err.h"
#include "network/adapter.h"

struct tap {
	char name[IFNAMSIZ];	/* of the device; the kernel chose it */
	uint32_t mtu;
	unsigned count;		/* of queues */
	int fds[ADAPTER_QUEUES_MAX];
};

/*
 * Make a device with @queues queues, up, and a port of @bridge; a member of
 * @vlan alone unless that is 0. It is gone when it is closed. Takes
 * CAP_NET_ADMIN. ENODEV, EOPNOTSUPP and the like with what can be done.
 */
int tap_open(struct tap *t, const char *bridge, unsigned vlan,
    unsigned queues, struct err *e);

/* Take over @fd, one queue of a device that someone else made a port. */
int tap_adopt(struct tap *t, int fd, struct err *e);

void tap_close(struct tap *t);

/* One frame behind its virtio_net_hdr; as in struct adapter_ops. */
bool tap_send(const struct tap *t, unsigned queue, const struct iovec *iov,
    int count);
size_t tap_receive(const struct tap *t, unsigned queue,
    const struct iovec *iov, int count);

/* May frames be given to us without checksums and uncut? */
void tap_offload(const struct tap *t, bool on);

/* The system calls that open ports take, and how many there are. */
extern const int tap_calls[];
extern const size_t tap_call_count;

#endif
