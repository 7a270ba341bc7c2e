/* SPDX-License-Identifier: Apache-2.0 */
/* Example: sends every message of a raw channel back to where it came from. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "vmbus/raw/raw_example.h"

/* One message. -1: the channel is closed, or gone. */
static int
echo(struct raw_channel *c)
{
	static char buffer[RAW_CHANNEL_MESSAGE_MAX];
	ssize_t len = example_receive(c, buffer, sizeof(buffer));

	return len < 0 ? -1 : example_send(c, buffer, (size_t)len);
}

int
main(int argc, char **argv)
{
	struct raw_channel *c;
	int code;

	if (argc != 2 && argc != 3) {
		fprintf(stderr, "usage: raw-echo " EXAMPLE_WHERE "\n");
		return 2;
	}
	c = example_open(argv + 1, argc - 1);
	if (c == NULL)
		return 1;
	/* A guest may close it, and open it again. */
	do {
		while (example_wait_open(c) == 0 && echo(c) == 0)
			continue;
		code = errno;
	} while (code == ENOTCONN);
	raw_channel_close(c);
	/* This is how a channel ends that the other side takes away. */
	if (code == EIO)
		return 0;
	fprintf(stderr, "%s: %s\n", argv[argc - 1], strerror(code));
	return 1;
}
