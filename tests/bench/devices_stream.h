/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs over a connection to the host's `peer`. */
#ifndef MULLION_BENCH_DEVICES_STREAM_H
#define MULLION_BENCH_DEVICES_STREAM_H

#include <stddef.h>
#include <stdint.h>

struct stream_pass {
	const char *name;
	uint32_t kind;		/* JOB_... */
	uint32_t size;
	uint64_t count;
};

/* Run the @count @passes over the connection @fd, and print their rows. */
void streams_measure(int fd, const struct stream_pass *passes, size_t count);

#endif
