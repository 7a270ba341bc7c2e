/* SPDX-License-Identifier: Apache-2.0 */
/* What a measured guest asks of the host's program over a connection. */
#ifndef MULLION_BENCH_JOB_H
#define MULLION_BENCH_JOB_H

#include <stdint.h>

#define JOB_PORT 7001
#define JOB_RAW_CLASS "c1a55000-0000-4000-8000-00000000be00"
#define JOB_RAW_INSTANCE "c1a55000-0000-4000-8000-00000000be01"
#define JOB_SIZE_MAX 65536

enum job_kind {
	JOB_ECHO = 1,		/* what comes goes back */
	JOB_TAKE,		/* take all of it, then answer with one byte */
	JOB_GIVE,		/* give that much */
};

/*
 * The first bytes of a connection: @count pieces of @size bytes. Both ends
 * are on one machine.
 */
struct job {
	uint32_t kind;
	uint32_t size;		/* 1 to JOB_SIZE_MAX */
	uint64_t count;
};

/* Datagrams carry their job, too; the one with @count 0 is to be answered. */

#endif
