/* SPDX-License-Identifier: Apache-2.0 */
/* Drives LLVMFuzzerTestOneInput with mutated inputs from a fixed seed. */
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX 4096u
#define CORPUS_MAX 256u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	size_t size;
	uint8_t bytes[INPUT_MAX];
};

static struct input corpus[CORPUS_MAX];
static size_t corpus_count = 1;		/* entry 0 is the empty input */

/* xorshift64*: the same inputs in every run. */
static uint64_t
random_next(void)
{
	static uint64_t state = 0x9e3779b97f4a7c15u;

	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1du;
}

static size_t
random_below(size_t limit)
{
	return (size_t)(random_next() % limit);
}

static bool
input_load(struct input *in, const char *dir, const char *name)
{
	char path[1024];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "rb");
	if (f == NULL)
		return false;
	in->size = fread(in->bytes, 1, sizeof(in->bytes), f);
	fclose(f);
	return in->size > 0;
}

static bool
corpus_load(const char *dir)
{
	struct dirent *entry;
	DIR *d = opendir(dir);

	if (d == NULL) {
		perror(dir);
		return false;
	}
	while (corpus_count < CORPUS_MAX && (entry = readdir(d)) != NULL) {
		if (entry->d_name[0] != '.' &&
		    input_load(&corpus[corpus_count], dir, entry->d_name))
			corpus_count++;
	}
	closedir(d);
	return true;
}

static void
input_grow(struct input *in)
{
	size_t more = 1 + random_below(64);

	if (more > INPUT_MAX - in->size)
		more = INPUT_MAX - in->size;
	for (size_t i = 0; i < more; i++)
		in->bytes[in->size++] = (uint8_t)random_next();
}

/* A value that code likes to get wrong, at a random place. */
static void
input_boundary(struct input *in)
{
	static const uint64_t values[] = {
		0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff,
		0x80000000, 0xffffffff, INT64_MAX, UINT64_MAX,
	};
	size_t width = (size_t)1 << random_below(4);
	uint64_t value = values[random_below(sizeof(values) /
	    sizeof(values[0]))];

	if (in->size >= width)
		memcpy(&in->bytes[random_below(in->size - width + 1)], &value,
		    width);
}

static void
input_splice(struct input *in)
{
	const struct input *from = &corpus[random_below(corpus_count)];
	size_t start, count;

	if (in->size == 0 || from->size == 0)
		return;
	start = random_below(in->size);
	count = 1 + random_below(from->size);
	if (count > INPUT_MAX - start)
		count = INPUT_MAX - start;
	memmove(&in->bytes[start], &from->bytes[from->size - count], count);
	if (in->size < start + count)
		in->size = start + count;
}

static void
input_mutate(struct input *in)
{
	switch (random_below(6)) {
	case 0:
		input_grow(in);
		break;
	case 1:
		in->size = random_below(in->size + 1);
		break;
	case 2:
		input_boundary(in);
		break;
	case 3:
		input_splice(in);
		break;
	default:
		if (in->size > 0)
			in->bytes[random_below(in->size)] ^=
			    (uint8_t)(1u << random_below(8));
		break;
	}
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

int
main(int argc, char **argv)
{
	static struct input in;
	uint64_t runs, done;

	if (argc < 2) {
		fprintf(stderr, "usage: %s RUNS [CORPUS]\n"
		    "RUNS 0 goes on until it is stopped.\n", argv[0]);
		return 2;
	}
	runs = strtoull(argv[1], NULL, 0);
	if (argc > 2 && !corpus_load(argv[2]))
		return 2;
	for (size_t i = 0; i < corpus_count; i++)
		input_run(&corpus[i]);
	for (done = 0; runs == 0 || done < runs; done++) {
		in = corpus[random_below(corpus_count)];
		for (size_t n = 1 + random_below(8); n > 0; n--)
			input_mutate(&in);
		input_run(&in);
	}
	printf("%" PRIu64 " inputs\n", done);
	return 0;
}
