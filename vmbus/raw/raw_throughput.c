/* SPDX-License-Identifier: Apache-2.0 */
/* Example: how fast a raw channel is, with a look at every byte. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "vmbus/raw/raw_example.h"

#define WORD 8u

struct run {
	struct raw_channel *channel;
	uint64_t bytes;		/* in all */
	size_t size;		/* of one message */
};

static uint64_t message[RAW_CHANNEL_MESSAGE_MAX / WORD];
static uint64_t other[RAW_CHANNEL_MESSAGE_MAX / WORD];

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The bytes from @at on: each word is unlike any other. */
static void
content(uint64_t *out, uint64_t at, size_t size)
{
	for (size_t i = 0; i < size / WORD; i++) {
		uint64_t n = (at / WORD + i) * UINT64_C(0x9e3779b97f4a7c15);

		out[i] = n ^ n >> 29;
	}
}

static size_t
part_of(const struct run *r, uint64_t at)
{
	return r->bytes - at < r->size ? (size_t)(r->bytes - at) : r->size;
}

static int
wrong(uint64_t at)
{
	fprintf(stderr, "wrong content at byte %llu\n",
	    (unsigned long long)at);
	errno = EILSEQ;
	return -1;
}

/* Who closes a channel loses what is in it: wait until all has arrived. */
static int
run_send(struct run *r)
{
	uint64_t arrived;

	for (uint64_t at = 0; at < r->bytes; at += part_of(r, at)) {
		content(message, at, part_of(r, at));
		if (example_send(r->channel, message, part_of(r, at)) < 0)
			return -1;
	}
	if (example_receive(r->channel, &arrived, sizeof(arrived)) < 0)
		return -1;
	return arrived == r->bytes ? 0 : wrong(arrived);
}

static int
run_receive(struct run *r)
{
	for (uint64_t at = 0; at < r->bytes; at += part_of(r, at)) {
		size_t part = part_of(r, at);

		if (example_receive(r->channel, other, sizeof(other)) !=
		    (ssize_t)part)
			return -1;
		content(message, at, part);
		if (memcmp(message, other, part) != 0)
			return wrong(at);
	}
	if (example_send(r->channel, &r->bytes, sizeof(r->bytes)) < 0)
		return -1;
	/* The sender closes when it has read that. */
	if (example_receive(r->channel, other, sizeof(other)) >= 0)
		return wrong(r->bytes);
	return errno == EIO || errno == ENOTCONN ? 0 : -1;
}

/* The other end runs raw-echo. */
static int
run_ping(struct run *r)
{
	for (uint64_t at = 0; at < r->bytes; at += part_of(r, at)) {
		size_t part = part_of(r, at);

		content(message, at, part);
		if (example_send(r->channel, message, part) < 0 ||
		    example_receive(r->channel, other, sizeof(other)) !=
		    (ssize_t)part)
			return -1;
		if (memcmp(message, other, part) != 0)
			return wrong(at);
	}
	return 0;
}

static const struct {
	const char *name;
	int (*run)(struct run *r);
} ways[] = {
	{ "send", run_send },
	{ "receive", run_receive },
	{ "ping", run_ping },
};

static int
usage(void)
{
	fprintf(stderr, "usage: raw-throughput send|receive|ping BYTES "
	    "MESSAGE-SIZE " EXAMPLE_WHERE "\n"
	    "both numbers are multiples of %u, a message has at most %d "
	    "bytes;\nping needs raw-echo at the other end\n", WORD,
	    RAW_CHANNEL_MESSAGE_MAX);
	return 2;
}

static void
report(const struct run *r, double took)
{
	uint64_t messages = (r->bytes + r->size - 1) / r->size;

	printf("%.1f MB/s, %.1f us a message\n", (double)r->bytes / 1e6 / took,
	    took * 1e6 / (double)messages);
}

int
main(int argc, char **argv)
{
	struct run r = { .channel = NULL };
	int (*run)(struct run *) = NULL;
	double start;
	int ret;

	for (size_t i = 0; argc > 1 && i < sizeof(ways) / sizeof(ways[0]); i++)
		if (strcmp(argv[1], ways[i].name) == 0)
			run = ways[i].run;
	if (run == NULL || (argc != 5 && argc != 6))
		return usage();
	r.bytes = strtoull(argv[2], NULL, 0);
	r.size = (size_t)strtoul(argv[3], NULL, 0);
	if (r.size == 0 || r.size > RAW_CHANNEL_MESSAGE_MAX ||
	    r.size % WORD != 0 || r.bytes == 0 || r.bytes % WORD != 0)
		return usage();
	r.channel = example_open(argv + 4, argc - 4);
	if (r.channel == NULL)
		return 1;
	ret = example_wait_open(r.channel);
	start = seconds();
	if (ret == 0)
		ret = run(&r);
	if (ret == 0)
		report(&r, seconds() - start);
	else
		fprintf(stderr, "%s: %s\n", argv[argc - 1], strerror(errno));
	raw_channel_close(r.channel);
	return ret == 0 ? 0 : 1;
}
