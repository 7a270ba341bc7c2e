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
#include "process/process.h"
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
	images_pump(&s->images);
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

/* Takes over @b, also when it fails. */
static int
disk_add(struct storage *s, const struct config_disk *d, struct backend *b,
    unsigned lun, struct err *e)
{
	struct disk_setup setup = {
		.backend = b,
		.dvd = d->format == CONFIG_DISK_ISO,
		.readonly = d->readonly,
		.pause_when_full = d->full == CONFIG_DISK_FULL_PAUSE,
	};

	serial_make(s, d, lun, setup.serial);
	if (controller_attach(&s->controller, &setup, lun, e) < 0) {
		b->ops->close(b);
		return -1;
	}
	s->made_of[lun] = *d;
	return 0;
}

/*
 * Takes over @image, also when it fails. With a daemon, all that has been done
 * is that one has been asked for.
 */
static int
image_add(struct storage *s, const struct config_disk *d,
    const struct image *image, unsigned lun, struct err *e)
{
	struct backend *b;

	if (images_format(d->format)) {
		s->made_of[lun] = *d;
		return images_open(&s->images, lun, d, image->fd, e);
	}
	b = uring_disk(s->uring, image, e);
	if (b == NULL) {
		close(image->fd);
		return -1;
	}
	return disk_add(s, d, b, lun, e);
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

/* All that have been asked for. */
static int
daemons_await(struct storage *s, struct err *e)
{
	for (unsigned i = 0; i < CONTROLLER_LUNS; i++)
		while (images_has(&s->images, i) &&
		    s->controller.luns[i] == NULL)
			if (images_wait(&s->images, e) < 0)
				return -1;
	if (s->image_error.code == 0)
		return 0;
	*e = s->image_error;
	return -1;
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
		    image_add(s, d, &image, i, e) < 0)
			return err_prefix(e, "disk %s", d->path);
	}
	return daemons_await(s, e);
}

/* A LUN that no disk has, nor one that is about to come or to go. */
static unsigned
free_lun(const struct storage *s)
{
	unsigned lun = controller_free_lun(&s->controller, 0);

	while (lun < CONTROLLER_LUNS && images_has(&s->images, lun))
		lun = controller_free_lun(&s->controller, lun + 1);
	return lun;
}

static int
attach(struct storage *s, struct request_asked *r, int *fd, struct err *e)
{
	struct image image;

	if (*fd < 0)
		return err_set(e, EPROTO, "no file came with the request");
	if (images_has(&s->images, r->lun))
		return err_set(e, EBUSY, "LUN %u is not free yet: try again",
		    r->lun);
	if (image_adopt(take_fd(fd), r->disk.readonly, &image, e) < 0 ||
	    image_add(s, &r->disk, &image, r->lun, e) < 0)
		return err_prefix(e, "%.200s", r->disk.path);
	return 0;
}

static int
resize(struct storage *s, const struct request_asked *r, struct err *e)
{
	const struct disk *d = s->controller.luns[r->lun];
	uint64_t size;

	if (d == NULL)
		return err_set(e, ENOENT, "there is no disk at LUN %u",
		    r->lun);
	if (images_has(&s->images, r->lun))
		return images_resize(&s->images, r->lun, r->size, e);
	if (image_measure(uring_disk_fd(d->is.backend), &size, e) < 0)
		return -1;
	return controller_resize(&s->controller, r->lun, size, e);
}

static int
act(struct storage *s, struct request_asked *r, int *fd, struct err *e)
{
	switch (r->op) {
	case REQUEST_ATTACH:
		return attach(s, r, fd, e);
	case REQUEST_DETACH:
		return controller_detach(&s->controller, r->lun, e);
	case REQUEST_RESIZE:
		return resize(s, r, e);
	case REQUEST_LIST:
	case REQUEST_OPS:
		break;
	}
	return 0;
}

/* True: it is, or will be, answered by the end of a daemon's work. */
static bool
is_for_daemon(const struct storage *s, const struct request_asked *r)
{
	if (r->op == REQUEST_ATTACH)
		return images_format(r->disk.format);
	return r->lun < CONTROLLER_LUNS && images_has(&s->images, r->lun);
}

/* @fd is closed unless it was taken. 0: the answer comes later. */
static size_t
serve(struct storage *s, struct request_asked *r, int *fd, unsigned client)
{
	struct err e = { .code = 0 };
	struct storage_wait *w;
	bool later;

	if (r->op == REQUEST_LIST)
		return reply_list(&s->controller, s->made_of, s->reply);
	if (r->lun == REQUEST_LUN_ANY)
		r->lun = free_lun(s);
	if (r->lun >= CONTROLLER_LUNS) {
		err_set(&e, ENOSPC, "no LUN is free: detach a disk first");
		return reply_refused(&e, s->reply);
	}
	w = &s->waits[r->lun];
	later = is_for_daemon(s, r);
	if (w->waits) {
		err_set(&e, EBUSY, "LUN %u is being changed: try again",
		    r->lun);
		return reply_refused(&e, s->reply);
	}
	/* Ahead of it: it may end at once. */
	*w = (struct storage_wait){ later, r->op, client };
	if (act(s, r, fd, &e) == 0)
		return later ? 0 : reply_done(r->lun, s->reply);
	w->waits = false;
	return reply_refused(&e, s->reply);
}

/* Tell who waits for @op on @lun, unless it has left. */
static void
waiting_answer(struct storage *s, unsigned lun, enum request_op op,
    const struct err *e)
{
	struct storage_wait *w = &s->waits[lun];
	size_t n;

	if (!w->waits || w->op != op)
		return;
	w->waits = false;
	n = e != NULL ? reply_refused(e, s->reply) : reply_done(lun, s->reply);
	service_control_reply(s->control, w->client, s->reply, n);
}

static void
image_refused(void *ctx, unsigned lun, const struct err *why)
{
	struct storage *s = ctx;
	struct err e = *why;

	err_prefix(&e, "%.200s", s->made_of[lun].path);
	if (s->image_error.code == 0)
		s->image_error = e;
	waiting_answer(s, lun, REQUEST_ATTACH, &e);
}

static void
image_opened(void *ctx, unsigned lun, struct backend *b)
{
	struct storage *s = ctx;
	struct config_disk d = s->made_of[lun];
	struct err e;

	if (disk_add(s, &d, b, lun, &e) < 0)
		image_refused(s, lun, &e);
	else
		waiting_answer(s, lun, REQUEST_ATTACH, NULL);
}

static void
image_resized(void *ctx, unsigned lun, const struct err *why)
{
	waiting_answer(ctx, lun, REQUEST_RESIZE, why);
}

static void
image_grown(void *ctx, unsigned lun, uint64_t size)
{
	struct storage *s = ctx;
	struct err e;

	if (controller_resize(&s->controller, lun, size, &e) < 0)
		fprintf(stderr, "LUN %u: %s\n", lun, e.text);
}

static void
image_closed(void *ctx, unsigned lun)
{
	waiting_answer(ctx, lun, REQUEST_DETACH, NULL);
}

static void
images_lost(void *ctx, const struct err *why)
{
	struct storage *s = ctx;

	/* Who comes after us begins with another keeper. */
	fprintf(stderr, "%s\n", why->text);
	sd_event_exit(s->event, EXIT_FAILURE);
}

static const struct images_ops image_ops = {
	.opened = image_opened,
	.refused = image_refused,
	.resized = image_resized,
	.grown = image_grown,
	.closed = image_closed,
	.lost = images_lost,
};

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
		n = serve(s, &r, &asked->fds[0], client);
	if (n > 0)
		service_control_reply(s->control, client, s->reply, n);
}

/* What it asked for is done all the same. */
static void
client_leaves(void *ctx, unsigned client)
{
	struct storage *s = ctx;

	for (unsigned i = 0; i < CONTROLLER_LUNS; i++)
		if (s->waits[i].client == client)
			s->waits[i].waits = false;
}

static const struct service_control_ops control_ops = {
	client_asks, client_leaves,
};

/* A worker that has ended takes us along; all else has us started anew. */
static void
worker_lost(void *ctx, const struct err *why)
{
	struct storage *s = ctx;

	process_lost(s->event, why);
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
	if (images_begin(&s->images, run_dir, &image_ops, s, e) < 0)
		return -1;
	s->provider = provider_connect(event, run_dir, PROVIDER_STORAGE,
	    &worker_ops, s, e);
	if (s->provider == NULL)
		return -1;
	controller_init(&s->controller, &lanes_controller_ops, &s->lanes,
	    lanes_sub_channels(provider_vps(s->provider)));
	lanes_init(&s->lanes, s->provider, &s->controller);
	s->uring = uring_create(e);
	if (s->uring == NULL ||
	    images_become(&s->images, provider_uid(s->provider), e) < 0 ||
	    disks_open(s, config, run_dir, e) < 0 ||
	    images_listen(&s->images, event, e) < 0)
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
	images_end(&s->images);
	if (s->provider != NULL)
		provider_destroy(s->provider);
}
