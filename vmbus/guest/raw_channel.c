/* SPDX-License-Identifier: Apache-2.0 */
/* A raw channel over uio_hv_generic. */
#include "vmbus/guest/raw_channel.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmbus/packet.h"
#include "vmbus/ring.h"

#define DEVICES "/sys/bus/vmbus/devices"

struct raw_channel {
	int fd;
	void *rings;
	size_t bytes;
	struct ring_writer out;
	struct ring_reader in;
	bool signal_due;
	_Alignas(8) uint8_t packet[sizeof(struct packet_descriptor) +
	    RAW_CHANNEL_MESSAGE_MAX];
};

static int
fail(int code)
{
	errno = code;
	return -1;
}

/* Name of the uio device of @instance. False: there is none. */
static bool
uio_find(const char *instance, char name[NAME_MAX + 1])
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *d;

	if (strchr(instance, '/') != NULL)
		return false;
	snprintf(path, sizeof(path), DEVICES "/%s/uio", instance);
	d = opendir(path);
	if (d == NULL)
		return false;
	while ((entry = readdir(d)) != NULL)
		if (strncmp(entry->d_name, "uio", 3) == 0)
			break;
	if (entry != NULL)
		strcpy(name, entry->d_name);
	closedir(d);
	return entry != NULL;
}

/* Size of the first map of uio device @name, the rings; 0: unknown. */
static size_t
rings_size(const char *name)
{
	unsigned long long size = 0;
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/uio/%s/maps/map0/size", name);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	if (fscanf(f, "%llx", &size) != 1)
		size = 0;
	fclose(f);
	return (size_t)size;
}

struct raw_channel *
raw_channel_attach(int fd, void *rings, size_t bytes)
{
	struct raw_channel *c = calloc(1, sizeof(*c));
	size_t half = bytes / 2;

	if (c == NULL)
		return NULL;
	c->fd = fd;
	c->rings = rings;
	c->bytes = bytes;
	if (!ring_writer_attach(&c->out, rings, half) ||
	    !ring_reader_attach(&c->in, (uint8_t *)rings + half, half)) {
		free(c);
		errno = EPROTO;
		return NULL;
	}
	ring_reader_mask(&c->in);
	return c;
}

struct raw_channel *
raw_channel_open(const char *instance)
{
	char name[NAME_MAX + 1], path[sizeof("/dev/") + NAME_MAX];
	struct raw_channel *c = NULL;
	void *rings;
	size_t bytes;
	int fd;

	if (!uio_find(instance, name) || (bytes = rings_size(name)) == 0) {
		errno = ENODEV;
		return NULL;
	}
	snprintf(path, sizeof(path), "/dev/%s", name);
	/* This is what makes the kernel open the channel. */
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	rings = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (rings != MAP_FAILED) {
		c = raw_channel_attach(fd, rings, bytes);
		if (c == NULL)
			munmap(rings, bytes);
	}
	if (c == NULL)
		close(fd);
	return c;
}

void
raw_channel_close(struct raw_channel *c)
{
	munmap(c->rings, c->bytes);
	close(c->fd);
	free(c);
}

int
raw_channel_fd(const struct raw_channel *c)
{
	return c->fd;
}

static void
room_publish(struct raw_channel *c)
{
	if (ring_reader_publish(&c->in))
		c->signal_due = true;
}

/* The packet that was popped: its payload, if it is one of ours. */
static ssize_t
payload_take(const struct raw_channel *c, size_t len, void *buffer)
{
	struct packet_descriptor d;
	size_t head;

	memcpy(&d, c->packet, sizeof(d));
	if (d.type != PACKET_IN_BAND)
		return fail(EPROTO);
	head = d.offset8 * 8u;
	memcpy(buffer, c->packet + head, len - head);
	return (ssize_t)(len - head);
}

ssize_t
raw_channel_receive(struct raw_channel *c, void *buffer, size_t room)
{
	size_t most = sizeof(struct packet_descriptor) + room, len;
	enum ring_result result;

	if (most > sizeof(c->packet))
		most = sizeof(c->packet);
	do {
		result = ring_reader_pop(&c->in, c->packet, most, &len);
		if (result == RING_OK) {
			if (ring_reader_unpublished(&c->in) > c->in.size / 4)
				room_publish(c);
			return payload_take(c, len, buffer);
		}
		if (result == RING_TOO_LONG)
			return fail(EMSGSIZE);
		if (result == RING_EMPTY) {
			room_publish(c);
			result = ring_reader_unmask(&c->in);
		}
	} while (result == RING_OK);
	return fail(result == RING_EMPTY ? EAGAIN : EPROTO);
}

static enum ring_result
packet_push(struct raw_channel *c, const struct packet_image *image)
{
	enum ring_result result;

	do {
		result = ring_writer_push(&c->out, image->pieces,
		    image->count, &c->signal_due);
		if (result != RING_FULL)
			return result;
		/* It may have become free while we asked. */
		result = ring_writer_await(&c->out, image->bytes);
	} while (result == RING_OK);
	return result;
}

int
raw_channel_send(struct raw_channel *c, const void *data, size_t len)
{
	struct iovec iov = { .iov_base = (void *)(uintptr_t)data,
		.iov_len = len };
	struct packet_out out = { .type = PACKET_IN_BAND, .payload = &iov,
		.payload_count = 1 };
	struct packet_image image;

	if (len > RAW_CHANNEL_MESSAGE_MAX || !packet_build(&out, &image))
		return fail(EMSGSIZE);
	switch (packet_push(c, &image)) {
	case RING_OK:
		ring_writer_stop_waiting(&c->out);
		return 0;
	case RING_FULL:
		/* The host must hear of what is there to make room. */
		if (raw_channel_flush(c) < 0)
			return -1;
		return fail(EAGAIN);
	case RING_TOO_LONG:
		return fail(EMSGSIZE);
	default:
		return fail(EPROTO);
	}
}

int
raw_channel_flush(struct raw_channel *c)
{
	int32_t on = 1;

	room_publish(c);
	if (!c->signal_due)
		return 0;
	c->signal_due = false;
	/* It signals, and asks for signals, too: some may be for nothing. */
	return write(c->fd, &on, sizeof(on)) < 0 ? -1 : 0;
}

int
raw_channel_wait(struct raw_channel *c)
{
	int32_t count;

	if (raw_channel_flush(c) < 0)
		return -1;
	if (read(c->fd, &count, sizeof(count)) < 0)
		return -1;
	ring_reader_mask(&c->in);
	return 0;
}
