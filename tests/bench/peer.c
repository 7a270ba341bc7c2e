/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peer [UNIX-SOCKET]: the host's end of what measured guests send. It serves
 * one connection after another by TCP, and by vsock where the kernel has it,
 * and datagrams by UDP; or, if one is named, those on a Unix socket alone. It
 * never ends.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/vm_sockets.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "job.h"
#include "transfer.h"

#define BACKLOG 8
#define LISTENERS_MAX 3

static char bytes[JOB_SIZE_MAX];

static int
job_serve(int fd, const struct job *job)
{
	char done = 1;

	for (uint64_t i = 0; i < job->count; i++) {
		if (job->kind != JOB_GIVE &&
		    take_all(fd, bytes, job->size) < 0)
			return -1;
		if (job->kind != JOB_TAKE &&
		    give_all(fd, bytes, job->size) < 0)
			return -1;
	}
	return job->kind == JOB_TAKE ? give_all(fd, &done, 1) : 0;
}

/* A connection may bring several jobs. */
static void
connection_serve(int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	int on = 1;
	struct job job;

	if (fd < 0)
		return;
	/* Only TCP knows this; the others never wait. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	while (take_all(fd, &job, sizeof(job)) == 0)
		if (job.size == 0 || job.size > sizeof(bytes) ||
		    job_serve(fd, &job) < 0)
			break;
	close(fd);
}

static void
datagram_serve(int fd)
{
	static uint64_t seen;
	struct sockaddr_storage from;
	socklen_t from_size = sizeof(from);
	struct job job;
	ssize_t n = recvfrom(fd, bytes, sizeof(bytes), 0,
	    (struct sockaddr *)&from, &from_size);

	if (n < (ssize_t)sizeof(job))
		return;
	memcpy(&job, bytes, sizeof(job));
	if (job.count != 0) {
		seen++;
		return;
	}
	job.count = seen;
	seen = 0;
	sendto(fd, &job, sizeof(job), 0, (struct sockaddr *)&from, from_size);
}

/* -1: this kernel or system cannot. */
static int
listen_at(int type, const void *address, socklen_t size)
{
	const struct sockaddr *a = address;
	int fd = socket(a->sa_family, type | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, a, size) < 0 ||
	    (type == SOCK_STREAM && listen(fd, BACKLOG) < 0)) {
		perror("peer");
		return -1;
	}
	return fd;
}

int
main(int argc, char **argv)
{
	struct sockaddr_in ip = {
		.sin_family = AF_INET,
		.sin_port = htons(JOB_PORT),
	};
	struct sockaddr_vm vm = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_ANY,
		.svm_port = JOB_PORT,
	};
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct pollfd at[LISTENERS_MAX] = {
		{ -1, POLLIN, 0 }, { -1, POLLIN, 0 }, { -1, POLLIN, 0 },
	};

	if (argc > 1) {
		snprintf(un.sun_path, sizeof(un.sun_path), "%s", argv[1]);
		/* Who connects has no rights but those of others. */
		umask(0);
		at[0].fd = listen_at(SOCK_STREAM, &un, sizeof(un));
	} else {
		at[0].fd = listen_at(SOCK_STREAM, &ip, sizeof(ip));
		at[1].fd = listen_at(SOCK_STREAM, &vm, sizeof(vm));
		at[2].fd = listen_at(SOCK_DGRAM, &ip, sizeof(ip));
	}
	while (poll(at, LISTENERS_MAX, -1) >= 0) {
		if (at[LISTENERS_MAX - 1].revents & POLLIN)
			datagram_serve(at[LISTENERS_MAX - 1].fd);
		for (unsigned i = 0; i < LISTENERS_MAX - 1; i++)
			if (at[i].revents & POLLIN)
				connection_serve(at[i].fd);
	}
	return 1;
}
