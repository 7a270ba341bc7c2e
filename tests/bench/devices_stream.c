/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's end of jobs, and sockets to the host. */
#define _GNU_SOURCE
#include "devices_stream.h"

#include <errno.h>
#include <linux/vm_sockets.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <x86intrin.h>

#include "devices.h"
#include "job.h"
#include "transfer.h"

static const struct stream_pass socket_passes[] = {
	{ "socket_round_trip_1", JOB_ECHO, 1, 1000 },
	{ "socket_to_host_128", JOB_TAKE, 128, 4096 },
	{ "socket_to_host_1k", JOB_TAKE, 1024, 4096 },
	{ "socket_to_host_4k", JOB_TAKE, 4096, 2048 },
	{ "socket_to_host_64k", JOB_TAKE, 65536, 256 },
	{ "socket_from_host_64k", JOB_GIVE, 65536, 256 },
};

static int
job_run(int fd, const struct job *job)
{
	static char bytes[JOB_SIZE_MAX];
	char done;

	if (give_all(fd, job, sizeof(*job)) < 0)
		return -1;
	for (uint64_t i = 0; i < job->count; i++) {
		if (job->kind != JOB_GIVE &&
		    give_all(fd, bytes, job->size) < 0)
			return -1;
		if (job->kind != JOB_TAKE &&
		    take_all(fd, bytes, job->size) < 0)
			return -1;
	}
	return job->kind == JOB_TAKE ? take_all(fd, &done, 1) : 0;
}

void
streams_measure(int fd, const struct stream_pass *passes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct job job = {
			.kind = passes[i].kind,
			.size = passes[i].size,
			.count = passes[i].count,
		};
		uint64_t start = __rdtsc();

		if (job_run(fd, &job) < 0) {
			printf("%s: %s\n", passes[i].name, strerror(errno));
			return;
		}
		row_print(passes[i].name, job.count, __rdtsc() - start);
	}
}

void
socket_measure(void)
{
	struct sockaddr_vm host = {
		.svm_family = AF_VSOCK,
		.svm_cid = VMADDR_CID_HOST,
		.svm_port = JOB_PORT,
	};
	int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&host, sizeof(host)) < 0) {
		printf("no socket to the host: %s\n", strerror(errno));
		return;
	}
	streams_measure(fd, socket_passes,
	    sizeof(socket_passes) / sizeof(socket_passes[0]));
	close(fd);
}
