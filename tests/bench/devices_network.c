/* SPDX-License-Identifier: Apache-2.0 */
/* The first adapter, against the host's `peer`. */
#define _GNU_SOURCE
#include "devices.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "devices_stream.h"
#include "job.h"
#include "transfer.h"

#define DEVICE "eth0"
#define OUR_ADDRESS "10.94.0.200"
#define PEER_ADDRESS "10.94.0.1"
#define NETMASK "255.255.255.0"
#define TRIES 2000
#define DATAGRAMS 2000
#define DATAGRAM_SIZE 64

static const struct stream_pass passes[] = {
	{ "tcp_round_trip_1", JOB_ECHO, 1, 1000 },
	{ "tcp_to_host_64k", JOB_TAKE, 65536, 512 },
	{ "tcp_from_host_64k", JOB_GIVE, 65536, 512 },
};

static const struct timespec a_moment = { 0, 10000000 };

static int
address_set(int fd, unsigned long request, const char *address)
{
	struct ifreq r = { .ifr_name = DEVICE };
	struct sockaddr_in in = { .sin_family = AF_INET };

	inet_pton(AF_INET, address, &in.sin_addr);
	memcpy(&r.ifr_addr, &in, sizeof(in));
	return ioctl(fd, request, &r);
}

/* The adapter appears after its driver was loaded. */
static int
adapter_up(int fd)
{
	struct ifreq r = { .ifr_name = DEVICE };
	unsigned tries = 0;

	while (address_set(fd, SIOCSIFADDR, OUR_ADDRESS) < 0) {
		if (++tries == TRIES)
			return -1;
		nanosleep(&a_moment, NULL);
	}
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	if (address_set(fd, SIOCSIFNETMASK, NETMASK) < 0)
		return -1;
	return ioctl(fd, SIOCSIFFLAGS, &r);
}

static int
peer_connect(int type, const struct sockaddr_in *to)
{
	int on = 1;

	for (unsigned i = 0; i < TRIES; i++) {
		int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

		if (type == SOCK_STREAM)
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
			    sizeof(on));
		if (connect(fd, (const struct sockaddr *)to,
		    sizeof(*to)) == 0)
			return fd;
		close(fd);
		nanosleep(&a_moment, NULL);
	}
	return -1;
}

/* Cost of each datagram that arrived; the answer to the last ends it. */
static void
datagrams_measure(int fd)
{
	static char bytes[DATAGRAM_SIZE];
	struct job job = { .size = DATAGRAM_SIZE, .count = 1 };
	uint64_t start = __rdtsc();

	memcpy(bytes, &job, sizeof(job));
	for (unsigned i = 0; i < DATAGRAMS; i++)
		send(fd, bytes, sizeof(bytes), 0);
	job.count = 0;
	memcpy(bytes, &job, sizeof(job));
	send(fd, bytes, sizeof(bytes), 0);
	if (recv(fd, &job, sizeof(job), 0) != sizeof(job) || job.count == 0) {
		puts("udp_to_host_64: no datagram arrived");
		return;
	}
	printf("udp_to_host_64: %llu of %u arrived\n",
	    (unsigned long long)job.count, DATAGRAMS);
	row_print("udp_to_host_64", job.count, __rdtsc() - start);
}

void
network_measure(void)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(JOB_PORT),
	};
	struct timeval limit = { .tv_sec = 5 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, PEER_ADDRESS, &to.sin_addr);
	if (adapter_up(fd) < 0) {
		puts("no adapter");
		return;
	}
	close(fd);
	fd = peer_connect(SOCK_STREAM, &to);
	if (fd < 0) {
		puts("no peer at " PEER_ADDRESS);
		return;
	}
	streams_measure(fd, passes, sizeof(passes) / sizeof(passes[0]));
	close(fd);
	fd = peer_connect(SOCK_DGRAM, &to);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	datagrams_measure(fd);
	close(fd);
}
