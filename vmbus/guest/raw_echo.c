/* SPDX-License-Identifier: Apache-2.0 */
/* Example: sends every message of a raw channel back to the host. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmbus/guest/raw_channel.h"

static int
wait_for_room(struct raw_channel *c, const void *data, size_t len)
{
	while (raw_channel_send(c, data, len) < 0)
		if (errno != EAGAIN || raw_channel_wait(c) < 0)
			return -1;
	return 0;
}

/* Returns the errno number that ended it. */
static int
echo(struct raw_channel *c)
{
	static char buffer[RAW_CHANNEL_MESSAGE_MAX];

	for (;;) {
		ssize_t len = raw_channel_receive(c, buffer, sizeof(buffer));

		if (len >= 0) {
			if (wait_for_room(c, buffer, (size_t)len) < 0)
				return errno;
		} else if (errno != EAGAIN || raw_channel_wait(c) < 0) {
			return errno;
		}
	}
}

int
main(int argc, char **argv)
{
	struct raw_channel *c;
	int code;

	if (argc != 2) {
		fprintf(stderr, "usage: raw-echo INSTANCE-GUID\n");
		return 2;
	}
	c = raw_channel_open(argv[1]);
	if (c == NULL) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	code = echo(c);
	raw_channel_close(c);
	/* This is how a channel ends that the host takes back. */
	if (code == EIO)
		return 0;
	fprintf(stderr, "%s: %s\n", argv[1], strerror(code));
	return 1;
}
