/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives LLVMFuzzerTestOneInput with inputs made from others. One that takes a
 * new way through the code is kept, and others are made from it. With a limit
 * of inputs, and not of seconds, each run is the same.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sanitizer/common_interface_defs.h>

#include "corpus.h"
#include "coverage.h"
#include "mutate.h"
#include "random.h"

/* How many inputs between two looks at the clock. */
#define CLOCK_EVERY 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* When to end; 0: no limit. */
struct limit {
	uint64_t inputs;
	time_t seconds;
};

static const char *kept;	/* folder for inputs worth keeping, or NULL */
static struct input current;

const char *__asan_default_options(void);

/* Assertions end like what the sanitizers find. */
const char *
__asan_default_options(void)
{
	return "handle_abort=1";
}

/* What failed is to be tried again. */
static void
crash_save(void)
{
	if (kept != NULL && input_save(&current, kept, "crash"))
		fprintf(stderr, "the input that failed: %s/crash\n", kept);
}

/* From the heap, at its exact size, so that the sanitizer sees overreads. */
static void
input_run(const struct input *in)
{
	uint8_t *copy = malloc(in->size);

	if (copy == NULL && in->size > 0)
		abort();
	if (in->size > 0)
		memcpy(copy, in->bytes, in->size);
	LLVMFuzzerTestOneInput(copy, in->size);
	free(copy);
}

static void
input_keep(const struct input *in)
{
	char name[32];

	corpus_add(in);
	if (kept == NULL)
		return;
	snprintf(name, sizeof(name), "%06zu", corpus_count());
	if (!input_save(in, kept, name)) {
		perror(kept);
		exit(2);
	}
}

static time_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static uint64_t
fuzz(const struct limit *limit)
{
	time_t start = now();
	uint64_t done = 0;

	while (limit->inputs == 0 || done < limit->inputs) {
		if (limit->seconds > 0 && done % CLOCK_EVERY == 0 &&
		    now() - start >= limit->seconds)
			break;
		current = *corpus_at(random_below(corpus_count()));
		for (size_t n = 1 + random_below(8); n > 0; n--)
			input_mutate(&current);
		input_run(&current);
		if (coverage_grew())
			input_keep(&current);
		done++;
	}
	return done;
}

/* "200", "60s", "0" */
static bool
limit_parse(struct limit *limit, const char *text)
{
	uint64_t number;
	char *end;

	number = strtoull(text, &end, 10);
	if (end == text || (strcmp(end, "") != 0 && strcmp(end, "s") != 0))
		return false;
	*limit = (struct limit){ 0 };
	if (*end == 's')
		limit->seconds = (time_t)number;
	else
		limit->inputs = number;
	return true;
}

static bool
corpus_run(const char *dir)
{
	if (!corpus_load(dir)) {
		perror(dir);
		return false;
	}
	for (size_t i = 0; i < corpus_count(); i++) {
		current = *corpus_at(i);
		input_run(&current);
	}
	coverage_grew();
	return true;
}

int
main(int argc, char **argv)
{
	struct limit limit;
	uint64_t done;

	if (argc < 2 || argc > 4 || !limit_parse(&limit, argv[1])) {
		fprintf(stderr, "usage: %s INPUTS|SECONDSs [CORPUS [KEPT]]\n"
		    "0 goes on until it is stopped. New inputs worth keeping, "
		    "and one that\nfails, go to the folder KEPT; either can be "
		    "a CORPUS later.\n", argv[0]);
		return 2;
	}
	kept = argc > 3 ? argv[3] : NULL;
	__sanitizer_set_death_callback(crash_save);
	if (argc > 2 && !corpus_run(argv[2]))
		return 2;
	done = fuzz(&limit);
	printf("%" PRIu64 " inputs, %zu in the corpus\n", done,
	    corpus_count());
	return 0;
}
