/* SPDX-License-Identifier: Apache-2.0 */
/*
 * raw-peer PARTITION CHANNEL: the host's end of a measured guest's raw
 * channel. It ends when the channel does.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "raw_pieces.h"

static int
job_serve(struct raw_channel *c, const struct job *job)
{
	const uint64_t done = 1;

	if (job->size == 0 || job->size > sizeof(raw_bytes)) {
		errno = EPROTO;
		return -1;
	}
	for (uint64_t i = 0; i < job->count; i++) {
		if (job->kind != JOB_GIVE &&
		    raw_take(c, raw_bytes, job->size) < 0)
			return -1;
		if (job->kind != JOB_TAKE &&
		    raw_give(c, raw_bytes, job->size) < 0)
			return -1;
	}
	return job->kind == JOB_TAKE ? raw_give(c, &done, sizeof(done)) : 0;
}

int
main(int argc, char **argv)
{
	struct raw_channel *c = NULL;
	struct job job;

	if (argc == 3)
		c = raw_channel_hold(argv[1], argv[2]);
	if (c == NULL) {
		perror("raw-peer");
		return 1;
	}
	if (example_wait_open(c) == 0)
		while (raw_take(c, &job, sizeof(job)) == 0 &&
		    job_serve(c, &job) == 0)
			continue;
	raw_channel_close(c);
	return 0;
}
