/* SPDX-License-Identifier: Apache-2.0 */
/* Example: sends a number of bytes to the host as fast as it takes them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vmbus/guest/raw_channel.h"

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int
send_all(struct raw_channel *c, unsigned long long bytes, size_t size)
{
	static char message[RAW_CHANNEL_MESSAGE_MAX];

	while (bytes > 0) {
		size_t part = bytes < size ? (size_t)bytes : size;

		if (raw_channel_send(c, message, part) == 0)
			bytes -= part;
		else if (errno != EAGAIN || raw_channel_wait(c) < 0)
			return -1;
	}
	return raw_channel_flush(c);
}

int
main(int argc, char **argv)
{
	unsigned long long bytes;
	struct raw_channel *c;
	double start;
	size_t size;
	int ret;

	if (argc != 4) {
		fprintf(stderr, "usage: raw-throughput INSTANCE-GUID BYTES "
		    "MESSAGE-SIZE\n");
		return 2;
	}
	bytes = strtoull(argv[2], NULL, 0);
	size = (size_t)strtoul(argv[3], NULL, 0);
	if (size == 0 || size > RAW_CHANNEL_MESSAGE_MAX) {
		fprintf(stderr, "a message has 1 to %d bytes\n",
		    RAW_CHANNEL_MESSAGE_MAX);
		return 2;
	}
	c = raw_channel_open(argv[1]);
	if (c == NULL) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	start = seconds();
	ret = send_all(c, bytes, size);
	if (ret < 0)
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
	else
		printf("%.1f MB/s\n", (double)bytes / 1e6 /
		    (seconds() - start));
	raw_channel_close(c);
	return ret < 0 ? 1 : 0;
}
