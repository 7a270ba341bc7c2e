/* SPDX-License-Identifier: Apache-2.0 */
/* Raw channels between a program of a guest and one of the parent. */
#ifndef MULLION_RAW_CHANNEL_H
#define MULLION_RAW_CHANNEL_H

#include <stddef.h>
#include <sys/types.h>

/*
 * To the guest, a raw channel is a VMBus device without a driver in its
 * kernel, bound to uio_hv_generic; to the parent, a socket that hands out the
 * ring pages and two bells. It carries messages, each of which is padded
 * with zeros to a multiple of 8 bytes on its way. One thread a channel.
 *
 * Functions that can fail return -1 and set errno: EPROTO stands for a peer
 * that breaks the rules of the rings, EIO for a channel that is gone. ENOTCONN,
 * in the parent only: the guest does not have the channel open;
 * raw_channel_wait() returns when it has, and it begins anew.
 *
 * A packet that is no message is against the rules, too. It stays first in its
 * ring, and EPROTO with it: what would follow is not taken for what was due.
 * The way out is to close the channel; who opens it again begins anew.
 */
struct raw_channel;

#define RAW_CHANNEL_MESSAGE_MAX 32768

/*
 * In a guest: open the device @instance, a GUID as it is named in
 * /sys/bus/vmbus/devices. The host learns of it by this. NULL and errno:
 * ENODEV, no such device or it is not bound to uio_hv_generic; EBUSY, another
 * program has it open.
 */
struct raw_channel *raw_channel_open(const char *instance);

/* The same with the device open as @fd and its rings mapped. */
struct raw_channel *raw_channel_attach(int fd, void *rings, size_t bytes);

/*
 * In the parent: become the holder of channel @name of @partition. NULL and
 * errno: ENOENT, there is none, or the partition does not run; EACCES, its
 * socket is another user's; EBUSY, another program holds it.
 */
struct raw_channel *raw_channel_hold(const char *partition, const char *name);

/* The same with a socket that was connected; it is the channel's then. */
struct raw_channel *raw_channel_hold_socket(int fd);

/*
 * Let go. A guest that has the channel open sees it removed, and offered anew;
 * a holder, that the guest has closed it.
 */
void raw_channel_close(struct raw_channel *c);

/* To be polled for input, once raw_channel_receive() has said EAGAIN. */
int raw_channel_fd(const struct raw_channel *c);

/*
 * The next message into @buffer. Returns its length. EAGAIN: there is none,
 * and the peer will signal; EMSGSIZE: it is longer than @room, and still there.
 */
ssize_t raw_channel_receive(struct raw_channel *c, void *buffer, size_t room);

/*
 * Send @len bytes. EAGAIN: there is no room, and the peer will signal when
 * there is; EMSGSIZE: longer than RAW_CHANNEL_MESSAGE_MAX or the ring.
 */
int raw_channel_send(struct raw_channel *c, const void *data, size_t len);

/* Signal the peer if that is due: once after several sends or receives. */
int raw_channel_flush(struct raw_channel *c);

/*
 * Flush, then sleep until the peer signals, opens or closes. It may be for
 * nothing. A holder has to come here now and then: a guest that closes the
 * channel waits until its rings are let go of, which is done here.
 */
int raw_channel_wait(struct raw_channel *c);

#endif
