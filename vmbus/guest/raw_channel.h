/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's end of a raw channel, for programs of a guest. */
#ifndef MULLION_RAW_CHANNEL_H
#define MULLION_RAW_CHANNEL_H

#include <stddef.h>
#include <sys/types.h>

/*
 * A raw channel is a VMBus device without a driver in the guest's kernel,
 * bound to uio_hv_generic. It carries messages, each of which is padded with
 * zeros to a multiple of 8 bytes on its way. One thread a channel.
 *
 * Functions that can fail return -1 and set errno: EPROTO stands for a host
 * that breaks the rules of the rings, EIO for a channel that is gone.
 */
struct raw_channel;

#define RAW_CHANNEL_MESSAGE_MAX 32768

/*
 * Open the device @instance, a GUID as it is named in /sys/bus/vmbus/devices.
 * The host learns of it by this. NULL and errno: ENODEV, no such device or it
 * is not bound to uio_hv_generic; EBUSY, another program has it open.
 */
struct raw_channel *raw_channel_open(const char *instance);

void raw_channel_close(struct raw_channel *c);

/* To be polled for input, once raw_channel_receive() has said EAGAIN. */
int raw_channel_fd(const struct raw_channel *c);

/*
 * The next message into @buffer. Returns its length. EAGAIN: there is none,
 * and the host will signal; EMSGSIZE: it is longer than @room, and still there.
 */
ssize_t raw_channel_receive(struct raw_channel *c, void *buffer, size_t room);

/*
 * Send @len bytes. EAGAIN: there is no room, and the host will signal when
 * there is; EMSGSIZE: longer than RAW_CHANNEL_MESSAGE_MAX or the ring.
 */
int raw_channel_send(struct raw_channel *c, const void *data, size_t len);

/* Signal the host if that is due: once after several sends or receives. */
int raw_channel_flush(struct raw_channel *c);

/* Flush, then sleep until the host signals. It may be for nothing. */
int raw_channel_wait(struct raw_channel *c);

/* As raw_channel_open(), with the device open as @fd and its rings mapped. */
struct raw_channel *raw_channel_attach(int fd, void *rings, size_t bytes);

#endif
