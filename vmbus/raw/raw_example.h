/* SPDX-License-Identifier: Apache-2.0 */
/* What the examples share. */
#ifndef MULLION_VMBUS_RAW_RAW_EXAMPLE_H
#define MULLION_VMBUS_RAW_RAW_EXAMPLE_H

#include "vmbus/raw/raw_channel.h"

#define EXAMPLE_WHERE "INSTANCE-GUID | PARTITION NAME"

/*
 * Open what the @count @words name: in a guest the GUID of an instance, in the
 * parent a partition and the name of its channel. NULL: said why.
 */
struct raw_channel *example_open(char *const *words, int count);

/* As raw_channel_send() and raw_channel_receive(), but wait as needed. */
int example_send(struct raw_channel *c, const void *data, size_t len);
ssize_t example_receive(struct raw_channel *c, void *buffer, size_t room);

/* Wait until the guest has the channel open; in a guest it is. */
int example_wait_open(struct raw_channel *c);

#endif
