/* SPDX-License-Identifier: Apache-2.0 */
/* The program as it is run, between a made-up systemd and made-up workers. */
#ifndef TESTS_CLI_PROGRAM_H
#define TESTS_CLI_PROGRAM_H

#include "fake_systemd.h"
#include "fake_worker.h"
#include "test_root.h"

#define DEMO "etc/mullion/partitions/demo.conf"
#define GOOD "cpus = 2\nkernel = /proc/self/exe\n"
#define PROGRAM_OUTPUT_MAX 16384

extern struct test_root root;
extern struct fake_systemd fake;
extern struct fake_worker worker;
extern char output[PROGRAM_OUTPUT_MAX];	/* of the last run, both streams */

/* Around each test: an empty root, and nothing that runs. */
void program_set_up(void);
void program_tear_down(void);

/* Run mullion with the words of @format; returns its exit code. */
int run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* It has said @part. */
void expect_output(const char *part);

/* Make @file of the root a disk of 1 MiB. */
int truncate_in_root(const char *file);

/* A partition that runs, with a worker that gives @reply. */
void demo_runs(const char *reply);

#endif
