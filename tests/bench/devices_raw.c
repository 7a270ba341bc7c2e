/* SPDX-License-Identifier: Apache-2.0 */
/* A raw channel, against the host's `raw-peer`. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

#include "devices.h"
#include "devices_stream.h"
#include "job.h"
#include "raw_pieces.h"

#define NEW_ID "/sys/bus/vmbus/drivers/uio_hv_generic/new_id"
#define TRIES 1000

static const struct stream_pass passes[] = {
	{ "raw_round_trip_8", JOB_ECHO, 8, 1000 },
	{ "raw_to_host_128", JOB_TAKE, 128, 4096 },
	{ "raw_to_host_4k", JOB_TAKE, 4096, 2048 },
	{ "raw_to_host_64k", JOB_TAKE, 65536, 256 },
	{ "raw_from_host_64k", JOB_GIVE, 65536, 256 },
};

static const struct timespec a_moment = { 0, 10000000 };

static int
job_run(struct raw_channel *c, const struct job *job)
{
	uint64_t done;

	if (raw_give(c, job, sizeof(*job)) < 0)
		return -1;
	for (uint64_t i = 0; i < job->count; i++) {
		if (job->kind != JOB_GIVE &&
		    raw_give(c, raw_bytes, job->size) < 0)
			return -1;
		if (job->kind != JOB_TAKE &&
		    raw_take(c, raw_bytes, job->size) < 0)
			return -1;
	}
	return job->kind == JOB_TAKE ? raw_take(c, &done, sizeof(done)) : 0;
}

static void
pass_measure(struct raw_channel *c, const struct stream_pass *pass)
{
	struct job job = {
		.kind = pass->kind,
		.size = pass->size,
		.count = pass->count,
	};
	uint64_t start = __rdtsc();

	if (job_run(c, &job) < 0)
		printf("%s: %s\n", pass->name, strerror(errno));
	else
		row_print(pass->name, job.count, __rdtsc() - start);
}

/* The device appears after its driver was told of it. */
static struct raw_channel *
channel_open(void)
{
	int fd = open(NEW_ID, O_WRONLY | O_CLOEXEC);
	struct raw_channel *c;
	unsigned tries = 0;

	if (fd < 0 || write(fd, JOB_RAW_CLASS, strlen(JOB_RAW_CLASS)) < 0)
		return NULL;
	close(fd);
	while ((c = raw_channel_open(JOB_RAW_INSTANCE)) == NULL &&
	    ++tries < TRIES)
		nanosleep(&a_moment, NULL);
	return c;
}

void
raw_measure(void)
{
	struct raw_channel *c = channel_open();

	if (c == NULL) {
		printf("no raw channel to the host: %s\n", strerror(errno));
		return;
	}
	for (size_t i = 0; i < sizeof(passes) / sizeof(passes[0]); i++)
		pass_measure(c, &passes[i]);
	raw_channel_close(c);
}
