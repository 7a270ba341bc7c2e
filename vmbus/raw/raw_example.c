/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a channel by the words of a command line, and waiting. */
#include "vmbus/raw/raw_example.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct raw_channel *
example_open(char *const *words, int count)
{
	struct raw_channel *c = count == 1 ? raw_channel_open(words[0]) :
	    raw_channel_hold(words[0], words[1]);

	if (c == NULL)
		fprintf(stderr, "%s: %s\n", words[count - 1],
		    strerror(errno));
	return c;
}

int
example_send(struct raw_channel *c, const void *data, size_t len)
{
	while (raw_channel_send(c, data, len) < 0)
		if (errno != EAGAIN || raw_channel_wait(c) < 0)
			return -1;
	return 0;
}

ssize_t
example_receive(struct raw_channel *c, void *buffer, size_t room)
{
	for (;;) {
		ssize_t len = raw_channel_receive(c, buffer, room);

		if (len >= 0 || errno != EAGAIN)
			return len;
		if (raw_channel_wait(c) < 0)
			return -1;
	}
}

int
example_wait_open(struct raw_channel *c)
{
	char nothing;

	/* Asked for a message of no length, it takes none away. */
	while (raw_channel_receive(c, &nothing, 0) < 0) {
		if (errno == EAGAIN || errno == EMSGSIZE)
			return 0;
		if (errno != ENOTCONN || raw_channel_wait(c) < 0)
			return -1;
	}
	return 0;
}
