/* SPDX-License-Identifier: Apache-2.0 */
/* Whole pieces through a stream. */
#ifndef MULLION_BENCH_TRANSFER_H
#define MULLION_BENCH_TRANSFER_H

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

/*
 * 0, or -1 when the stream ends before @size bytes. Linux's hv_sock refuses,
 * by ENOMEM, to wait for more than a packet of 16 KiB.
 */
static inline int
take_all(int fd, void *bytes, size_t size)
{
	int flags = MSG_WAITALL;

	for (size_t done = 0; done < size;) {
		ssize_t n = recv(fd, (char *)bytes + done, size - done,
		    flags);

		if (n < 0 && errno == ENOMEM && flags != 0) {
			flags = 0;
			continue;
		}
		if (n <= 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
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
