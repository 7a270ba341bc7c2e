/* SPDX-License-Identifier: Apache-2.0 */
/* A server of NBD that says anything, in the greeting and afterwards. */
#include <assert.h>
#include <endian.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "storage/nbd.h"
#include "storage/nbd_disk.h"

#define REQUESTS 12u
#define PIECE 96u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct disk_io io[REQUESTS];
static struct iovec pieces[REQUESTS][2];
static uint8_t memory[REQUESTS][2][PIECE];
static unsigned ended[REQUESTS];

/* In the engine's place. */
void
disk_io_done(struct disk_io *done, int error)
{
	(void)error;
	assert(done >= io && done < io + REQUESTS);
	ended[done - io]++;
}

static void
closed(void *ctx, unsigned number)
{
	assert(number == 5);
	*(unsigned *)ctx += 1;
}

static void
greet(const uint8_t *data, size_t size)
{
	struct nbd_export x;
	struct err e = { .code = 0 };
	int pair[2];

	assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	assert(send(pair[1], data, size, MSG_DONTWAIT) == (ssize_t)size);
	shutdown(pair[1], SHUT_WR);
	if (nbd_begin(pair[0], "disk", &x, &e) < 0)
		assert(e.code != 0 && e.text[0] != '\0');
	else
		assert(x.size <= INT64_MAX);
	/* The bytes that are left are the answer. */
	if (e.code == 0 && nbd_flush_wait(pair[0], &x, &e) < 0)
		assert(e.code != 0 && e.text[0] != '\0');
	close(pair[0]);
	close(pair[1]);
}

static void
submit_all(struct backend *b)
{
	static const enum disk_op ops[] = { DISK_READ, DISK_WRITE, DISK_FLUSH,
		DISK_READ, DISK_DISCARD };

	for (unsigned i = 0; i < REQUESTS; i++) {
		for (unsigned k = 0; k < 2; k++)
			pieces[i][k] = (struct iovec){ memory[i][k],
				PIECE / (k + 1) };
		io[i] = (struct disk_io){ .op = ops[i % 5], .iov = pieces[i],
			.iov_count = 2, .offset = i * 512u,
			.length = PIECE + PIECE / 2, .durable = i == 6 };
		ended[i] = 0;
		b->ops->submit(b, &io[i]);
	}
}

/*
 * 255 has all flushed, 254 has it go on before that is done.
 * A byte below 128 is an answer to the request of that number, with as much
 * data as a reader wants; others are so many of the bytes that follow.
 */
static size_t
step(int server, const uint8_t *data, size_t size)
{
	struct {
		uint32_t magic, error;
		uint64_t cookie;
		uint8_t data[PIECE + PIECE / 2];
	} __attribute__((packed)) answer = {
		.magic = htobe32(0x67446698),
		.error = htobe32(data[0] & 0x40 ? 28 : 0),
		/* Requests and places are counted alike at first. */
		.cookie = htobe64((data[0] & 0x1fU) << 8 | (data[0] & 0x1fU)),
	};
	size_t n = data[0] & 0x7f;

	if (data[0] < 0x80) {
		n = data[0] & 0x20 ? 16 : sizeof(answer);
		send(server, &answer, n, MSG_DONTWAIT | MSG_NOSIGNAL);
		return 1;
	}
	if (n > size - 1)
		n = size - 1;
	send(server, data + 1, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	return n + 1;
}

static void
transmit(const uint8_t *data, size_t size)
{
	static const struct nbd_disk_ops ops = { closed, closed };
	static const struct nbd_export x = { 1 << 20, 0x4d };
	volatile uint8_t mark = 0;
	unsigned closes = 0;
	struct err e;
	struct backend *b = nbd_disk(&ops, &closes, 5, &mark, &e);
	uint8_t said[4096];
	int pair[2];

	assert(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	nbd_disk_connect(b, pair[0], &x);
	submit_all(b);
	while (nbd_disk_pump(b) && size > 0) {
		size_t n;

		if (data[0] == 0xff)
			nbd_disk_settle(b);
		else if (data[0] == 0xfe)
			nbd_disk_go_on(b);
		n = step(pair[1], data, size);
		data += n;
		size -= n;
		while (recv(pair[1], said, sizeof(said), MSG_DONTWAIT) > 0)
			continue;
	}
	close(pair[1]);
	nbd_disk_ended(b, false);
	nbd_disk_give_up(b);
	nbd_disk_pump(b);
	for (unsigned i = 0; i < REQUESTS; i++)
		assert(ended[i] == 1);
	b->ops->close(b);
	assert(closes == 1);
	nbd_disk_free(b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > 16384)
		return 0;
	if (data[0] == 'N')
		greet(data, size);
	else
		transmit(data, size);
	return 0;
}
