/* SPDX-License-Identifier: Apache-2.0 */
/* Whole pieces through a raw channel, in messages. */
#ifndef MULLION_BENCH_RAW_PIECES_H
#define MULLION_BENCH_RAW_PIECES_H

#include <stddef.h>

#include "job.h"
#include "vmbus/raw/raw_example.h"

static char raw_bytes[JOB_SIZE_MAX];

/* 0, or -1 when the channel ends before @size bytes, or others come. */
static inline int
raw_take(struct raw_channel *c, void *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = example_receive(c, (char *)bytes + done,
		    size - done);

		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

/* 0, or -1 when the channel is gone. The other end hears of it at once. */
static inline int
raw_give(struct raw_channel *c, const void *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		size_t part = size - done;

		if (part > RAW_CHANNEL_MESSAGE_MAX)
			part = RAW_CHANNEL_MESSAGE_MAX;
		if (example_send(c, (const char *)bytes + done, part) < 0)
			return -1;
		done += part;
	}
	return raw_channel_flush(c);
}

#endif
