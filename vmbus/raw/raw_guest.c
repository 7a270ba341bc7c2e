/* SPDX-License-Identifier: Apache-2.0 */
/* The guest's end of a raw channel, over uio_hv_generic. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vmbus/raw/raw_state.h"

#define DEVICES "/sys/bus/vmbus/devices"

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

/* It asks for signals, too: some may be for nothing. */
static int
guest_signal(struct raw_channel *c)
{
	int32_t on = 1;

	return write(c->fd, &on, sizeof(on)) < 0 ? -1 : 0;
}

static int
guest_wait(struct raw_channel *c)
{
	int32_t count;

	if (read(c->fd, &count, sizeof(count)) < 0)
		return -1;
	c->figures->signals_in++;
	ring_reader_mask(&c->in);
	return 0;
}

static void
guest_close(struct raw_channel *c)
{
	munmap(c->rings, c->bytes);
	close(c->fd);
}

static const struct raw_end guest_end = {
	.signal = guest_signal,
	.wait = guest_wait,
	.close = guest_close,
};

struct raw_channel *
raw_channel_attach(int fd, void *rings, size_t bytes)
{
	struct raw_channel *c = calloc(1, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->end = &guest_end;
	c->fd = fd;
	c->figures = &c->own_figures;
	if (raw_rings_attach(c, rings, bytes, bytes / 2, true) < 0) {
		free(c);
		errno = EPROTO;
		return NULL;
	}
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
