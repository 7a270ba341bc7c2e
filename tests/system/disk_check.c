/* SPDX-License-Identifier: Apache-2.0 */
/* Writes, reads, flushes and discards a disk, and knows what must be there. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/*
 * usage: disk-check DEVICE SEED STEPS|FILE
 *        disk-check DEVICE SEED lose
 *        disk-check DEVICE SEED kept ROUND
 *
 * Eight threads, each with an eighth of the device of its own, do random things
 * around the page cache, STEPS of them each, or until there is a FILE. At the
 * end everything is read once more, in sequence. Ends with 0 if all was as it
 * had been written last, and zeros where it had been discarded.
 *
 * "lose" is for a disk that is about to lose what is not flushed. In rounds
 * without end it writes and discards, at random and in sequence, each block of
 * a round at most once, flushes, and says so: "DEVICE: flushed ROUND". What
 * "kept" reads afterwards must be as of the last round that was told, or as of
 * the one or two behind it, block by block.
 */

#define THREADS 8u
#define BLOCK 4096u
#define WORDS (BLOCK / sizeof(uint64_t))
#define RUN_MAX 64u
#define BUFFER_ALIGN 4096u

struct part {
	pthread_t thread;
	uint64_t random;
	uint64_t first, blocks;		/* of the device */
	uint32_t *written;		/* how often each; 0: zeros are there */
	uint32_t writes;
	uint64_t *buffer;
	const char *wrong;		/* NULL: nothing yet */
	uint64_t wrong_at;
	unsigned counts[4];
};

static int device;
static const char *device_name;
static unsigned long steps;
static const char *stop_file;
static atomic_bool failed;

static uint64_t
random_next(struct part *p)
{
	p->random ^= p->random >> 12;
	p->random ^= p->random << 25;
	p->random ^= p->random >> 27;
	return p->random * UINT64_C(0x2545f4914f6cdd1d);
}

static uint64_t
random_below(struct part *p, uint64_t limit)
{
	return (random_next(p) >> 16) % limit;
}

/* What word @i of a block is after write @number of it; zeros if that is 0. */
static uint64_t
word_of(uint64_t block, uint32_t number, size_t i)
{
	uint64_t x = block << 40 ^ (uint64_t)number << 12 ^ i;

	x *= UINT64_C(0x9e3779b97f4a7c15);
	return number == 0 ? 0 : x ^ x >> 29;
}

static void
fail(struct part *p, const char *what, uint64_t block)
{
	p->wrong = what;
	p->wrong_at = block;
	failed = true;
}

static void
run_write(struct part *p, uint64_t at, uint64_t run)
{
	uint32_t number = ++p->writes;
	ssize_t n;

	for (uint64_t b = 0; b < run; b++) {
		for (size_t i = 0; i < WORDS; i++)
			p->buffer[b * WORDS + i] =
			    word_of(p->first + at + b, number, i);
		p->written[at + b] = number;
	}
	n = pwrite(device, p->buffer, run * BLOCK,
	    (off_t)((p->first + at) * BLOCK));
	if (n != (ssize_t)(run * BLOCK))
		fail(p, "write failed", at);
}

static void
run_check(struct part *p, uint64_t at, uint64_t run)
{
	ssize_t n = pread(device, p->buffer, run * BLOCK,
	    (off_t)((p->first + at) * BLOCK));

	if (n != (ssize_t)(run * BLOCK)) {
		fail(p, "read failed", at);
		return;
	}
	for (uint64_t b = 0; b < run; b++)
		for (size_t i = 0; i < WORDS; i++)
			if (p->buffer[b * WORDS + i] != word_of(p->first +
			    at + b, p->written[at + b], i)) {
				fail(p, "is not what was written", at + b);
				return;
			}
}

static void
run_discard(struct part *p, uint64_t at, uint64_t run)
{
	uint64_t range[2] = { (p->first + at) * BLOCK, run * BLOCK };

	if (ioctl(device, BLKDISCARD, range) < 0)
		fail(p, "discard failed", at);
	memset(p->written + at, 0, run * sizeof(p->written[0]));
}

enum kind { WRITE, READ, FLUSH, DISCARD };

static void
step(struct part *p)
{
	static const enum kind kinds[16] = { READ, READ, READ, READ, READ,
		FLUSH, DISCARD };
	uint64_t most = random_below(p, 2) == 0 ? RUN_MAX : 2;
	uint64_t run = 1 + random_below(p, most);
	uint64_t at = random_below(p, p->blocks - run + 1);
	enum kind kind = kinds[random_below(p, 16)];

	p->counts[kind]++;
	if (kind == WRITE)
		run_write(p, at, run);
	else if (kind == READ)
		run_check(p, at, run);
	else if (kind == DISCARD)
		run_discard(p, at, run);
	else if (fdatasync(device) < 0)
		fail(p, "flush failed", 0);
}

static bool
goes_on(unsigned long done)
{
	if (failed)
		return false;
	return stop_file != NULL ? access(stop_file, F_OK) < 0 : done < steps;
}

static void *
part_run(void *argument)
{
	struct part *p = argument;

	/* In sequence first, so that nothing of before is there. */
	for (uint64_t at = 0; at < p->blocks && !failed; at += RUN_MAX)
		run_write(p, at, p->blocks - at < RUN_MAX ? p->blocks - at :
		    RUN_MAX);
	for (unsigned long i = 0; goes_on(i); i++)
		step(p);
	for (uint64_t at = 0; at < p->blocks && !failed; at += RUN_MAX)
		run_check(p, at, p->blocks - at < RUN_MAX ? p->blocks - at :
		    RUN_MAX);
	return NULL;
}

static void
part_start(struct part *p, unsigned number, uint64_t blocks, uint64_t seed)
{
	p->random = seed * THREADS + number + 1;
	p->first = number * blocks;
	p->blocks = blocks;
	p->written = calloc(blocks, sizeof(p->written[0]));
	p->buffer = aligned_alloc(BUFFER_ALIGN, RUN_MAX * BLOCK);
	if (p->written == NULL || p->buffer == NULL ||
	    pthread_create(&p->thread, NULL, part_run, p) != 0) {
		fprintf(stderr, "disk-check: out of memory\n");
		exit(2);
	}
}

/* True: nothing was wrong in it. */
static bool
part_end(struct part *p)
{
	pthread_join(p->thread, NULL);
	if (p->wrong != NULL)
		printf("disk-check: block %llu: %s (write %u of its thread)\n",
		    (unsigned long long)(p->first + p->wrong_at), p->wrong,
		    p->written[p->wrong_at]);
	return p->wrong == NULL;
}

#define RUNS 48u
#define ROUNDS_UNSURE 2u

/* Where each block may stand: after which rounds, 0 being zeros. */
struct account {
	uint32_t sure;
	uint32_t unsure[ROUNDS_UNSURE];
	unsigned unsure_count;
};

struct run {
	uint64_t at, blocks;
	bool discard;
};

/* Runs that do not overlap: each within a stripe of its own. */
static void
round_plan(struct part *p, uint32_t number, struct run runs[RUNS])
{
	uint64_t stripe = p->blocks / RUNS;
	bool sequence = number % 4 == 0;

	for (unsigned i = 0; i < RUNS; i++) {
		uint64_t most = stripe < RUN_MAX ? stripe : RUN_MAX;
		uint64_t blocks = 1 + random_below(p, most);
		uint64_t at = random_below(p, stripe - blocks + 1);

		runs[i].discard = random_below(p, 8) == 0;
		runs[i].blocks = sequence ? most : blocks;
		runs[i].at = i * stripe + (sequence ? 0 : at);
	}
}

static void
run_do(struct part *p, const struct run *r, uint32_t number)
{
	if (r->discard) {
		run_discard(p, r->at, r->blocks);
		return;
	}
	p->writes = number - 1;
	run_write(p, r->at, r->blocks);
}

/* Until somebody ends us, or the disk. */
static void
lose(struct part *p)
{
	struct run runs[RUNS];

	for (uint32_t number = 1; p->wrong == NULL; number++) {
		round_plan(p, number, runs);
		for (unsigned i = 0; i < RUNS; i++)
			run_do(p, &runs[i], number);
		if (fdatasync(device) < 0)
			fail(p, "flush failed", 0);
		else
			printf("%s: flushed %u\n", device_name, number);
		fflush(stdout);
	}
}

static void
account_add(struct account *a, uint32_t stands, bool sure)
{
	if (sure)
		a->sure = stands;
	else
		a->unsure[a->unsure_count++] = stands;
}

static void
accounts_fill(struct part *p, struct account *accounts, uint32_t told)
{
	struct run runs[RUNS];

	for (uint32_t number = 1; number <= told + ROUNDS_UNSURE; number++) {
		round_plan(p, number, runs);
		for (unsigned i = 0; i < RUNS; i++)
			for (uint64_t b = 0; b < runs[i].blocks; b++)
				account_add(&accounts[runs[i].at + b],
				    runs[i].discard ? 0 : number,
				    number <= told);
	}
}

static bool
stands_at(const uint64_t *words, uint64_t block, uint32_t number)
{
	for (size_t i = 0; i < WORDS; i++)
		if (words[i] != word_of(block, number, i))
			return false;
	return true;
}

static bool
is_kept(const struct account *a, const uint64_t *words, uint64_t block)
{
	bool kept = stands_at(words, block, a->sure);

	for (unsigned i = 0; i < a->unsure_count; i++)
		kept = kept || stands_at(words, block, a->unsure[i]);
	return kept;
}

/* The disk was zeros before the first round. */
static void
kept(struct part *p, uint32_t told)
{
	struct account *accounts = calloc(p->blocks, sizeof(*accounts));

	if (accounts == NULL) {
		fail(p, "no memory for it", 0);
		return;
	}
	accounts_fill(p, accounts, told);
	for (uint64_t b = 0; b < p->blocks && p->wrong == NULL; b++) {
		if (pread(device, p->buffer, BLOCK, (off_t)(b * BLOCK)) !=
		    (ssize_t)BLOCK)
			fail(p, "read failed", b);
		else if (!is_kept(&accounts[b], p->buffer, b))
			fail(p, "was lost", b);
	}
	free(accounts);
}

/* One thread, and its part is the whole device. */
static bool
crash_test(uint64_t blocks, uint64_t seed, const char *told)
{
	static struct part p;

	p.random = seed * THREADS + 1;
	p.blocks = blocks;
	p.written = calloc(blocks, sizeof(p.written[0]));
	p.buffer = aligned_alloc(BUFFER_ALIGN, RUN_MAX * BLOCK);
	if (p.written == NULL || p.buffer == NULL) {
		fprintf(stderr, "disk-check: out of memory\n");
		exit(2);
	}
	if (told != NULL)
		kept(&p, (uint32_t)strtoul(told, NULL, 10));
	else
		lose(&p);
	if (p.wrong != NULL)
		printf("disk-check: block %llu: %s\n",
		    (unsigned long long)p.wrong_at, p.wrong);
	return p.wrong == NULL;
}

static void
what_to_do(const char *text)
{
	char *end;

	steps = strtoul(text, &end, 10);
	if (*end != '\0')
		stop_file = text;
}

int
main(int argc, char **argv)
{
	static struct part parts[THREADS];
	unsigned total[4] = { 0 };
	uint64_t bytes;
	bool good = true;

	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: disk-check DEVICE SEED STEPS|FILE|"
		    "lose|kept [ROUND]\n");
		return 2;
	}
	device_name = argv[1];
	device = open(argv[1], O_RDWR | O_DIRECT | O_CLOEXEC);
	if (device < 0 || ioctl(device, BLKGETSIZE64, &bytes) < 0) {
		fprintf(stderr, "disk-check: %s: %s\n", argv[1],
		    strerror(errno));
		return 2;
	}
	if (strcmp(argv[3], "lose") == 0 || argc == 5)
		return crash_test(bytes / BLOCK, strtoul(argv[2], NULL, 10),
		    argc == 5 ? argv[4] : NULL) ? 0 : 1;
	what_to_do(argv[3]);
	for (unsigned i = 0; i < THREADS; i++)
		part_start(&parts[i], i, bytes / BLOCK / THREADS,
		    strtoul(argv[2], NULL, 10));
	for (unsigned i = 0; i < THREADS; i++) {
		good = part_end(&parts[i]) && good;
		for (unsigned k = 0; k < 4; k++)
			total[k] += parts[i].counts[k];
	}
	printf("disk-check: %u writes, %u reads, %u flushes, %u discards: "
	    "%s\n", total[WRITE], total[READ], total[FLUSH], total[DISCARD],
	    good ? "all as written" : "WRONG");
	return good ? 0 : 1;
}
