/* SPDX-License-Identifier: Apache-2.0 */
/* Traffic whose every byte is known to both ends, and frames that lie. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 16384u	/* bytes */
#define MIB (UINT64_C(1) << 20)
#define FLOWS_MAX 64

static const char usage[] =
    "usage: network-stream serve PORT\n"
    "       network-stream flows ADDRESS PORT FLOWS MIB\n"
    "       network-stream echo PORT\n"
    "       network-stream forge DEVICE MAC\n"
    "serve and flows send to each other by TCP, each way, and compare; echo\n"
    "returns what comes by UDP; forge sends a frame from another address.\n";

/* What the first end of a flow says: both count on from its seed. */
struct greeting {
	uint64_t seed;
	uint64_t blocks;
};

static void __attribute__((noreturn))
fail(const char *what)
{
	fprintf(stderr, "network-stream: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static void
pattern(uint64_t block[BLOCK / 8], uint64_t seed, uint64_t number)
{
	uint64_t at = seed + number * (BLOCK / 8);

	for (unsigned i = 0; i < BLOCK / 8; i++)
		block[i] = (at + i) * UINT64_C(0x9e3779b97f4a7c15);
}

static void
all_send(int fd, const void *bytes, size_t len)
{
	const char *from = bytes;

	while (len > 0) {
		ssize_t n = send(fd, from, len, MSG_NOSIGNAL);

		if (n <= 0)
			fail("send");
		from += n;
		len -= (size_t)n;
	}
}

static void
all_receive(int fd, void *bytes, size_t len)
{
	if (recv(fd, bytes, len, MSG_WAITALL) != (ssize_t)len)
		fail("receive");
}

static void
blocks_send(int fd, const struct greeting *g, uint64_t seed)
{
	static uint64_t block[BLOCK / 8];

	for (uint64_t i = 0; i < g->blocks; i++) {
		pattern(block, seed, i);
		all_send(fd, block, BLOCK);
	}
}

static void
blocks_receive(int fd, const struct greeting *g, uint64_t seed)
{
	static uint64_t block[BLOCK / 8], want[BLOCK / 8];

	for (uint64_t i = 0; i < g->blocks; i++) {
		pattern(want, seed, i);
		all_receive(fd, block, BLOCK);
		if (memcmp(block, want, BLOCK) == 0)
			continue;
		fprintf(stderr, "network-stream: block %llu is wrong\n",
		    (unsigned long long)i);
		exit(EXIT_FAILURE);
	}
}

static uint16_t
port_read(const char *text)
{
	return htons((uint16_t)strtoul(text, NULL, 10));
}

static int
socket_bound(int type, const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = port_read(port) };
	int fd = socket(AF_INET, type, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		fail("bind");
	return fd;
}

/* A process for each flow; they are waited for by nobody. */
static int
serve(const char *port)
{
	int fd = socket_bound(SOCK_STREAM, port);

	if (listen(fd, FLOWS_MAX) < 0)
		fail("listen");
	for (;;) {
		int peer = accept(fd, NULL, NULL);
		struct greeting g;

		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
		if (peer < 0)
			fail("accept");
		if (fork() == 0) {
			all_receive(peer, &g, sizeof(g));
			blocks_receive(peer, &g, g.seed);
			blocks_send(peer, &g, ~g.seed);
			exit(EXIT_SUCCESS);
		}
		close(peer);
	}
}

static void
flow(const struct sockaddr_in *to, unsigned number, uint64_t mib)
{
	struct greeting g = { number * UINT64_C(0x100000000),
		mib * MIB / BLOCK };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)to,
	    sizeof(*to)) < 0)
		fail("connect");
	all_send(fd, &g, sizeof(g));
	blocks_send(fd, &g, g.seed);
	blocks_receive(fd, &g, ~g.seed);
}

static int
flows(const char *address, const char *port, const char *count,
    const char *mib)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = port_read(port) };
	unsigned left = (unsigned)strtoul(count, NULL, 10);
	struct timespec begin, end;
	bool fine = true;
	int status;

	inet_pton(AF_INET, address, &to.sin_addr);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	while (left-- > 0)
		if (fork() == 0) {
			flow(&to, left + 1, strtoul(mib, NULL, 10));
			exit(EXIT_SUCCESS);
		}
	while (wait(&status) > 0)
		fine = fine && status == 0;
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%ld ms\n", (end.tv_sec - begin.tv_sec) * 1000 +
	    (end.tv_nsec - begin.tv_nsec) / 1000000);
	return fine ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
echo(const char *port)
{
	int fd = socket_bound(SOCK_DGRAM, port);
	static char bytes[65536];

	for (;;) {
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(fd, bytes, sizeof(bytes), 0,
		    (struct sockaddr *)&from, &size);

		if (n < 0)
			fail("receive");
		sendto(fd, bytes, (size_t)n, 0, (struct sockaddr *)&from,
		    size);
	}
}

static int
forge(const char *device, const char *mac)
{
	struct sockaddr_ll to = { .sll_family = AF_PACKET,
		.sll_ifindex = (int)if_nametoindex(device),
		.sll_halen = ETH_ALEN };
	struct ether_header head = { .ether_type = htons(0x88b5) };
	uint8_t frame[60] = { 0 };
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	memset(head.ether_dhost, 0xff, ETH_ALEN);
	if (sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &head.ether_shost[0],
	    &head.ether_shost[1], &head.ether_shost[2], &head.ether_shost[3],
	    &head.ether_shost[4], &head.ether_shost[5]) != ETH_ALEN)
		fail(mac);
	memcpy(frame, &head, sizeof(head));
	if (fd < 0 || sendto(fd, frame, sizeof(frame), 0,
	    (struct sockaddr *)&to, sizeof(to)) != sizeof(frame))
		fail("send");
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (argc == 3 && strcmp(what, "serve") == 0)
		return serve(argv[2]);
	if (argc == 6 && strcmp(what, "flows") == 0)
		return flows(argv[2], argv[3], argv[4], argv[5]);
	if (argc == 3 && strcmp(what, "echo") == 0)
		return echo(argv[2]);
	if (argc == 4 && strcmp(what, "forge") == 0)
		return forge(argv[2], argv[3]);
	fputs(usage, stderr);
	return EXIT_FAILURE;
}
