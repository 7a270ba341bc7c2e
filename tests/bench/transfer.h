/* SPDX-License-Identifier: Apache-2.0 */
/* Whole pieces through a stream. */
#ifndef MULLION_BENCH_TRANSFER_H
#define MULLION_BENCH_TRANSFER_H

#include <stddef.h>
#include <sys/socket.h>

/* 0, or -1 when the stream ends before @size bytes. */
static inline int
take_all(int fd, void *bytes, size_t size)
{
	return recv(fd, bytes, size, MSG_WAITALL) == (ssize_t)size ? 0 : -1;
}

/* 0, or -1 when the other end is gone. */
static inline int
give_all(int fd, const void *bytes, size_t size)
{
	for (size_t done = 0; done < size;) {
		ssize_t n = send(fd, (const char *)bytes + done, size - done,
		    MSG_NOSIGNAL);

		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}

#endif
