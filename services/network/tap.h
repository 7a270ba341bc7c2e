/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing the frames of a TAP device. */
#ifndef MULLION_NETWORK_TAP_H
#define MULLION_NETWORK_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "manager/tap.h"

/*
 * Take over @fds, the queues of a device that someone else made a port; the
 * first that is -1 ends them, and those taken are -1 afterwards.
 */
int tap_adopt(struct tap *t, int *fds, unsigned count, uint32_t mtu,
    struct err *e);

/* One frame behind its virtio_net_hdr; as in struct adapter_ops. */
bool tap_send(const struct tap *t, unsigned queue, const struct iovec *iov,
    int count);
size_t tap_receive(const struct tap *t, unsigned queue,
    const struct iovec *iov, int count);

/* May frames be given to us without checksums and uncut? */
void tap_offload(const struct tap *t, bool on);

/*
 * The requests of ioctl() that the above take; with any other, a process that
 * was taken over could leave a device behind, or make it another's.
 */
extern const unsigned long tap_ioctls[];
extern const size_t tap_ioctl_count;

#endif
