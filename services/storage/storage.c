/* SPDX-License-Identifier: Apache-2.0 */
/* What happens between disks, channels and clients. */
#include "storage/storage.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "manager/disk_record.h"
#include "storage/image.h"

/* How often a write that found no space is tried again. */
#define RETRY_USEC UINT64_C(1000000)

/* What disks take beside channels and clients. */
static const int disk_calls[] = {
	SYS_io_uring_enter, SYS_fstat, SYS_newfstatat, SYS_fcntl, SYS_lseek,
	SYS_fallocate, SYS_close,
};
#define DISK_CALLS (sizeof(disk_calls) / sizeof(disk_calls[0]))
#define CALLS_MAX 64

static void
timer_set(struct storage *s)
{
	uint64_t now;
	int on;

	if (sd_event_source_get_enabled(s->timer, &on) < 0 ||
	    on != SD_EVENT_OFF)
		return;
	sd_event_now(s->event, CLOCK_MONOTONIC, &now);
	sd_event_source_set_time(s->timer, now + RETRY_USEC);
	sd_event_source_set_enabled(s->timer, SD_EVENT_ONESHOT);
}

/* Before each sleep: what has gathered goes to the kernel, and to the guest. */
static int
drive(sd_event_source *source, void *ctx)
{
	struct storage *s = ctx;
	bool taken = uring_flush(s->uring);

	(void)source;
	/* What was in the cache has ended already. */
	uring_reap(s->uring);
	taken = uring_flush(s->uring) && taken;
	lanes_flush(&s->lanes);
	if (!taken || controller_is_held(&s->controller))
		timer_set(s);
	return 0;
}

static int
io_ended(sd_event_source *source, int fd, uint32_t events, void *ctx)
{
	struct storage *s = ctx;

	(void)source;
	(void)fd;
	(void)events;
	uring_reap(s->uring);
	return 0;
}

static int
time_passes(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct storage *s = ctx;

	(void)source;
	(void)usec;
	controller_retry(&s->controller);
	return 0;
}

static void
serial_make(const struct storage *s, const struct config_disk *d,
    unsigned lun, char out[DISK_SERIAL_MAX])
{
	if (d->id[0] != '\0')
		snprintf(out, DISK_SERIAL_MAX, "%s", d->id);
	else
		snprintf(out, DISK_SERIAL_MAX, "%s-%u", s->name, lun);
}

/* Takes over @image, also when it fails. */
static int
disk_add(struct storage *s, const struct config_disk *d,
    const struct image *image, unsigned lun, struct err *e)
{
	struct disk_setup setup = {
		.backend = uring_disk(s->uring, image, e),
		.dvd = d->format == CONFIG_DISK_ISO,
		.readonly = d->readonly,
		.pause_when_full = d->full == CONFIG_DISK_FULL_PAUSE,
	};

	if (setup.backend == NULL) {
		close(image->fd);
		return -1;
	}
	serial_make(s, d, lun, setup.serial);
	if (controller_attach(&s->controller, &setup, lun, e) < 0) {
		setup.backend->ops->close(setup.backend);
		return -1;
	}
	s->made_of[lun] = *d;
	return 0;
}

/*
 * The disks of an earlier process that has served the same guest, if there was
 * one. Who has a folder of its own, as tests have, goes by the configuration.
 */
static int
record_get(const struct storage *s, const struct config *config,
    const char *run_dir, struct disk_record *r, struct err *e)
{
	static const struct site here = { .root = "" };
	char usual[SITE_PATH_MAX];
	struct err none;

	site_runtime(&here, s->name, "", usual);
	if (strcmp(run_dir, usual) != 0) {
		disk_record_from_config(config, r);
		return 0;
	}
	if (disk_record_load(&here, s->name, r, &none) == 0)
		return 0;
	if (none.code != ENOENT) {
		*e = none;
		return -1;
	}
	disk_record_from_config(config, r);
	/* Who is killed then comes back with what the file says. */
	if (disk_record_store(&here, s->name, r, &none) < 0)
		fprintf(stderr, "no record of the disks: %s\n", none.text);
	return 0;
}

static int
disks_open(struct storage *s, const struct config *config,
    const char *run_dir, struct err *e)
{
	static struct disk_record r;

	if (record_get(s, config, run_dir, &r, e) < 0)
		return -1;
	for (unsigned i = 0; i < DISKS_MAX; i++) {
		const struct config_disk *d = &r.disks[i];
		struct image image;

		if (!r.has[i])
			continue;
		if (image_open(d->path, d->readonly, &image, e) < 0 ||
		    disk_add(s, d, &image, i, e) < 0)
			return err_prefix(e, "disk %s", d->path);
	}
	return 0;
}

static int
attach(struct storage *s, struct request_asked *r, int *fd, struct err *e)
{
	struct image image;

	if (*fd < 0)
		return err_set(e, EPROTO, "no file came with the request");
	if (r->lun == REQUEST_LUN_ANY)
		r->lun = controller_free_lun(&s->controller);
	if (image_adopt(take_fd(fd), r->disk.readonly, &image, e) < 0 ||
	    disk_add(s, &r->disk, &image, r->lun, e) < 0)
		return err_prefix(e, "%.200s", r->disk.path);
	return 0;
}

static int
resize(struct storage *s, unsigned lun, struct err *e)
{
	const struct disk *d = s->controller.luns[lun];
	uint64_t size;

	if (d == NULL)
		return err_set(e, ENOENT, "there is no disk at LUN %u", lun);
	if (image_measure(uring_disk_fd(d->is.backend), &size, e) < 0)
		return -1;
	return controller_resize(&s->controller, lun, size, e);
}

/* @fd is closed unless it was taken. */
static size_t
serve(struct storage *s, struct request_asked *r, int *fd)
{
	struct err e = { .code = 0 };
	int ret = 0;

	switch (r->op) {
	case REQUEST_ATTACH:
		ret = attach(s, r, fd, &e);
		break;
	case REQUEST_DETACH:
		ret = controller_detach(&s->controller, r->lun, &e);
		break;
	case REQUEST_RESIZE:
		ret = resize(s, r->lun, &e);
		break;
	case REQUEST_LIST:
	case REQUEST_OPS:
		return reply_list(&s->controller, s->made_of, s->reply);
	}
	return ret < 0 ? reply_refused(&e, s->reply)
		       : reply_done(r->lun, s->reply);
}

static void
client_asks(void *ctx, unsigned client, struct service_request *asked)
{
	struct storage *s = ctx;
	struct request_asked r;
	struct err e;
	size_t n;

	if (request_parse(asked->packet, asked->len, &r, &e) < 0)
		n = reply_refused(&e, s->reply);
	else
		n = serve(s, &r, &asked->fds[0]);
	service_control_reply(s->control, client, s->reply, n);
}

static void
client_leaves(void *ctx, unsigned client)
{
	(void)ctx;
	(void)client;
}

static const struct service_control_ops control_ops = {
	client_asks, client_leaves,
};

/* A worker that has ended takes us along; all else has us started anew. */
static void
worker_lost(void *ctx, const struct err *why)
{
	struct storage *s = ctx;

	if (why->code == ECONNRESET) {
		sd_event_exit(s->event, EXIT_SUCCESS);
		return;
	}
	fprintf(stderr, "the worker is lost: %s\n", why->text);
	sd_event_exit(s->event, EXIT_FAILURE);
}

/* A guest that lost its disks by what it did gets them back anew. */
static void
worker_tells(void *ctx, enum provider_event_kind kind, uint32_t value)
{
	struct storage *s = ctx;
	struct err e;

	(void)value;
	if (kind == PROVIDER_CONTACT && lanes_offer(&s->lanes, &e) < 0)
		fprintf(stderr, "%s\n", e.text);
}

static const struct provider_ops worker_ops = {
	.lost = worker_lost,
	.event = worker_tells,
};

static int
sandbox(struct storage *s, struct err *e)
{
	int calls[CALLS_MAX];
	size_t n = 0;

	if (DISK_CALLS + service_control_call_count > CALLS_MAX)
		return err_set(e, E2BIG, "system call filter");
	for (size_t i = 0; i < DISK_CALLS; i++)
		calls[n++] = disk_calls[i];
	for (size_t i = 0; i < service_control_call_count; i++)
		calls[n++] = service_control_calls[i];
	return provider_sandbox(s->provider, calls, n, e);
}

static int
event_add(struct storage *s, struct err *e)
{
	int r = sd_event_add_io(s->event, &s->io, uring_fd(s->uring), EPOLLIN,
	    io_ended, s);

	if (r >= 0)
		r = sd_event_source_set_prepare(s->io, drive);
	if (r >= 0)
		r = sd_event_add_time(s->event, &s->timer, CLOCK_MONOTONIC, 0,
		    0, time_passes, s);
	if (r >= 0)
		r = sd_event_source_set_enabled(s->timer, SD_EVENT_OFF);
	if (r < 0)
		return err_set(e, -r, "event loop: %s", strerror(-r));
	return 0;
}

int
storage_begin(struct storage *s, sd_event *event, const char *name,
    const struct config *config, const char *run_dir, struct err *e)
{
	memset(s, 0, sizeof(*s));
	s->name = name;
	s->event = event;
	s->provider = provider_connect(event, run_dir, PROVIDER_STORAGE,
	    &worker_ops, s, e);
	if (s->provider == NULL)
		return -1;
	controller_init(&s->controller, &lanes_controller_ops, &s->lanes,
	    lanes_sub_channels(provider_vps(s->provider)));
	lanes_init(&s->lanes, s->provider, &s->controller);
	s->uring = uring_create(e);
	if (s->uring == NULL || disks_open(s, config, run_dir, e) < 0)
		return -1;
	s->control = service_control_open(event, run_dir, STORAGE_SOCKET,
	    &control_ops, s, e);
	if (s->control == NULL || event_add(s, e) < 0 || sandbox(s, e) < 0)
		return -1;
	return lanes_offer(&s->lanes, e);
}

/* The kernel may still be at it: its end of the ring goes first. */
void
storage_end(struct storage *s)
{
	sd_event_source_disable_unref(s->io);
	sd_event_source_disable_unref(s->timer);
	service_control_close(s->control);
	if (s->uring != NULL)
		uring_destroy(s->uring);
	controller_release(&s->controller);
	if (s->provider != NULL)
		provider_destroy(s->provider);
}
