/* SPDX-License-Identifier: Apache-2.0 */
/* Reaching sockets, and telling streams of bytes apart. */
#include "peer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 1024

union address {
	struct sockaddr any;
	struct sockaddr_un un;
	struct sockaddr_vm vm;
};

void
die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static socklen_t
address_read(const char *text, union address *a)
{
	memset(a, 0, sizeof(*a));
	if (strncmp(text, "vsock:", 6) == 0) {
		a->vm.svm_family = AF_VSOCK;
		a->vm.svm_port = (unsigned)strtoul(text + 6, NULL, 10);
		return sizeof(a->vm);
	}
	text = strchr(text, ':');
	if (text == NULL || strlen(text + 1) >= sizeof(a->un.sun_path)) {
		printf("no such address\n");
		exit(2);
	}
	a->un.sun_family = AF_UNIX;
	strcpy(a->un.sun_path, text + 1);
	return sizeof(a->un);
}

/* Connections inherit it; by default each takes 512 KiB of the guest. */
static void
rings_be_small(int fd)
{
	int least = 4096;

	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &least, sizeof(least));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof(least));
}

int
peer_listen(const char *text)
{
	union address a;
	socklen_t len = address_read(text, &a);
	int fd = socket(a.any.sa_family, SOCK_STREAM, 0);

	if (a.any.sa_family == AF_VSOCK) {
		a.vm.svm_cid = VMADDR_CID_ANY;
		rings_be_small(fd);
	} else {
		unlink(a.un.sun_path);
	}
	if (fd < 0 || bind(fd, &a.any, len) < 0)
		die(text);
	if (a.any.sa_family == AF_UNIX && chmod(a.un.sun_path, 0666) < 0)
		die(text);
	if (listen(fd, BACKLOG) < 0)
		die(text);
	return fd;
}

/* Ask for a port of the guest at @fd; -1: refused. */
static int
ask(int fd, const char *port)
{
	char c = 0;

	dprintf(fd, "CONNECT %s\n", port);
	while (c != '\n')
		if (read(fd, &c, 1) != 1)
			return -1;
	return 0;
}

int
peer_try(const char *text)
{
	union address a;
	socklen_t len = address_read(text, &a);
	char *port = NULL;
	int fd = socket(a.any.sa_family, SOCK_STREAM, 0);

	if (a.any.sa_family == AF_VSOCK)
		a.vm.svm_cid = VMADDR_CID_HOST;
	if (strncmp(text, "via:", 4) == 0) {
		port = strrchr(a.un.sun_path, ':');
		*port++ = '\0';
	}
	if (fd < 0 || connect(fd, &a.any, len) < 0 ||
	    (port != NULL && ask(fd, port) < 0)) {
		int code = errno;

		close(fd);
		errno = code;
		return -1;
	}
	return fd;
}

int
peer_connect(const char *text)
{
	int fd = peer_try(text);

	if (fd < 0)
		die(text);
	return fd;
}

uint8_t
pattern(unsigned number, uint64_t at)
{
	return (uint8_t)(number * 59 + at * 7 + (at >> 8) * 13 + (at >> 16));
}

void
pattern_fill(uint8_t *out, size_t len, unsigned number, uint64_t at)
{
	for (size_t i = 0; i < len; i++)
		out[i] = pattern(number, at + i);
}

void
pattern_check(const uint8_t *in, size_t len, unsigned number, uint64_t at)
{
	for (size_t i = 0; i < len; i++) {
		if (in[i] == pattern(number, at + i))
			continue;
		printf("stream %u: byte %llu is wrong\n", number,
		    (unsigned long long)(at + i));
		exit(1);
	}
}

void
wait_for(int fd, short events, int seconds)
{
	struct pollfd p = { .fd = fd, .events = events };

	if (poll(&p, 1, seconds * 1000) != 1) {
		printf("nothing moved for %d s\n", seconds);
		exit(1);
	}
}
