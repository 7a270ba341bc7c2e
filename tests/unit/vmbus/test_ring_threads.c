/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads that sleep whenever a ring lets them: no wake-up may be lost. */
#include <criterion/criterion.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vmbus/ring.h"

#define PACKETS 100000u

static _Alignas(RING_PAGE) uint8_t memory[2 * RING_PAGE];
static int to_reader, to_writer;

static void
ring_bell(int fd)
{
	uint64_t one = 1;

	cr_assert_eq(write(fd, &one, sizeof(one)), (ssize_t)sizeof(one));
}

static void
sleep_at(int fd)
{
	uint64_t count;

	cr_assert_eq(read(fd, &count, sizeof(count)), (ssize_t)sizeof(count));
}

static uint32_t
length_of(uint32_t number)
{
	return 16 + number * 2654435761u % 61 * 8;
}

static void
send_one(struct ring_writer *w, uint32_t number)
{
	uint32_t len = length_of(number);
	uint8_t packet[16 + 61 * 8] = { 6, 0, 2 };
	struct iovec iov = { .iov_base = packet, .iov_len = len };
	enum ring_result result;
	bool signal = false;

	memset(packet + 8, (int)number, len - 8);
	memcpy(packet + 4, &(uint16_t){ (uint16_t)(len / 8) }, 2);
	while ((result = ring_writer_push(w, &iov, 1, &signal)) == RING_FULL)
		if (ring_writer_await(w, len) == RING_FULL)
			sleep_at(to_writer);
	cr_assert_eq(result, RING_OK);
	ring_writer_stop_waiting(w);
	if (signal)
		ring_bell(to_reader);
}

static void *
write_all(void *unused)
{
	struct ring_writer w;

	(void)unused;
	cr_assert(ring_writer_attach(&w, memory, sizeof(memory)));
	for (uint32_t i = 0; i < PACKETS; i++)
		send_one(&w, i);
	return NULL;
}

/* Take what there is; publish now and then, and at the end. */
static uint32_t
drain(struct ring_reader *r, uint32_t number)
{
	uint8_t out[RING_PAGE];
	enum ring_result result;
	size_t len;

	while ((result = ring_reader_pop(r, out, sizeof(out), &len)) ==
	    RING_OK) {
		cr_assert_eq(len, length_of(number));
		cr_assert_eq(out[len - 1], (uint8_t)number);
		number++;
		if (ring_reader_unpublished(r) > 1000 &&
		    ring_reader_publish(r))
			ring_bell(to_writer);
	}
	cr_assert_eq(result, RING_EMPTY);
	if (ring_reader_publish(r))
		ring_bell(to_writer);
	return number;
}

Test(ring_threads, nothing_is_lost_and_nobody_sleeps_for_ever)
{
	struct ring_reader r;
	pthread_t thread;
	uint32_t number = 0;

	to_reader = eventfd(0, EFD_CLOEXEC);
	to_writer = eventfd(0, EFD_CLOEXEC);
	cr_assert(ring_reader_attach(&r, memory, sizeof(memory)));
	cr_assert_eq(pthread_create(&thread, NULL, write_all, NULL), 0);
	while (number < PACKETS) {
		ring_reader_mask(&r);
		number = drain(&r, number);
		if (number < PACKETS &&
		    ring_reader_unmask(&r) == RING_EMPTY)
			sleep_at(to_reader);
	}
	cr_assert_eq(pthread_join(thread, NULL), 0);
	close(to_reader);
	close(to_writer);
}
