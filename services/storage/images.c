/* SPDX-License-Identifier: Apache-2.0 */
/* Between the keeper, which has the daemons, and the disks. */
#include "storage/images.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "manager/site.h"
#include "storage/nbd_disk.h"

/* One daemon more than this within a minute, and it is given up. */
#define STARTS_MAX 5
#define STARTS_USEC UINT64_C(60000000)

static void disk_closed(void *ctx, unsigned lun);
static void disk_renewed(void *ctx, unsigned lun);

static const struct nbd_disk_ops disk_ops = { .closed = disk_closed,
	.renewed = disk_renewed };

/* A byte for each disk, which outlives us and is gone with the child. */
static int
marks_map(struct images *im, const char *run_dir, struct err *e)
{
	char path[SITE_PATH_MAX];
	AUTO_CLOSE int fd = -1;
	void *at;

	snprintf(path, sizeof(path), "%s/images", run_dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || ftruncate(fd, KEEPER_NUMBERS) < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	at = mmap(NULL, KEEPER_NUMBERS, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
	    0);
	if (at == MAP_FAILED)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	im->marks = at;
	return 0;
}

int
images_begin(struct images *im, const char *run_dir,
    const struct images_ops *ops, void *ctx, struct err *e)
{
	memset(im, 0, sizeof(*im));
	im->ops = ops;
	im->ctx = ctx;
	im->keeper = -1;
	if (marks_map(im, run_dir, e) < 0)
		return -1;
	im->keeper = keeper_begin(run_dir, im->marks, e);
	return im->keeper < 0 ? -1 : 0;
}

static void
release(struct images *im, unsigned lun)
{
	struct image_disk *d = &im->of[lun];

	sd_event_source_disable_unref(d->source);
	if (d->disk != NULL)
		nbd_disk_free(d->disk);
	close(d->image);
	memset(d, 0, sizeof(*d));
}

/* It flushes what it has, and is gone then. */
static void
keeper_end(int keeper)
{
	struct pollfd p = { .fd = keeper, .events = POLLIN };
	struct keeper_message m;
	struct err e;
	int fd = -1;

	shutdown(keeper, SHUT_WR);
	while (keeper_receive(keeper, &m, &fd, &e) >= 0) {
		if (fd >= 0)
			close(fd);
		poll(&p, 1, -1);
	}
	close(keeper);
}

void
images_end(struct images *im)
{
	sd_event_source_disable_unref(im->source);
	if (im->marks == NULL)
		return;
	for (unsigned i = 0; i < KEEPER_NUMBERS; i++)
		if (im->of[i].used)
			release(im, i);
	if (im->keeper >= 0)
		keeper_end(im->keeper);
	munmap((void *)(uintptr_t)im->marks, KEEPER_NUMBERS);
}

int
images_become(struct images *im, uint32_t uid, struct err *e)
{
	struct keeper_message m = { .kind = KEEPER_USER, .uid = uid };

	return keeper_send(im->keeper, &m, -1, e);
}

static uint64_t
now_usec(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static int
ask(struct images *im, unsigned lun, enum keeper_kind kind, uint64_t size,
    struct err *e)
{
	const struct image_disk *d = &im->of[lun];
	struct keeper_message m = { .kind = kind, .number = lun,
		.format = d->format, .readonly = d->readonly, .size = size };

	return keeper_send(im->keeper, &m, kind == KEEPER_STOP ? -1 :
	    d->image, e);
}

/* Who asks the keeper in vain is told by the loop that it is gone. */
static void
stop(struct images *im, unsigned lun)
{
	struct err e;

	ask(im, lun, KEEPER_STOP, 0, &e);
}

static void
closed(struct images *im, unsigned lun)
{
	release(im, lun);
	/* What it lacks, if so, is nothing to the next disk. */
	im->marks[lun] = 0;
	im->ops->closed(im->ctx, lun);
}

/* All is flushed, and the answer is a daemon that starts, or fails to. */
static bool
is_growing(const struct image_disk *d)
{
	return d->resizing && !d->settling;
}

static void
disk_closed(void *ctx, unsigned lun)
{
	struct images *im = ctx;
	struct image_disk *d = &im->of[lun];

	d->closing = true;
	d->settling = !is_growing(d) && nbd_disk_fd(d->disk) >= 0;
	if (d->settling)
		nbd_disk_settle(d->disk);
}

/* What there is to be done is done before the next sleep. */
static int
disk_ready(sd_event_source *source, int fd, uint32_t events, void *ctx)
{
	(void)source;
	(void)fd;
	(void)events;
	(void)ctx;
	return 0;
}

/* The disk that was closed is gone; and its daemon goes. */
static void
leave(struct images *im, unsigned lun)
{
	struct image_disk *d = &im->of[lun];

	d->source = sd_event_source_disable_unref(d->source);
	nbd_disk_free(d->disk);
	d->disk = NULL;
	if (d->running)
		stop(im, lun);
	else
		closed(im, lun);
}

static void
resize_answer(struct images *im, unsigned lun, const char *complaint)
{
	struct image_disk *d = &im->of[lun];
	struct err e;

	if (!d->resizing)
		return;
	d->resizing = false;
	err_set(&e, EIO, "not resized: %s", complaint);
	im->ops->resized(im->ctx, lun, complaint[0] != '\0' ? &e : NULL);
}

/* Nothing is under way, so it is as good a moment as there is. */
static void
settled(struct images *im, unsigned lun, int error)
{
	struct image_disk *d = &im->of[lun];
	struct err e;

	if (error != 0)
		err_set(&e, error, "it cannot be flushed: %s",
		    strerror(error));
	else if (d->closing ||
	    ask(im, lun, KEEPER_RESIZE, d->wanted, &e) == 0)
		return;
	fprintf(stderr, "LUN %u: %s\n", lun, e.text);
	nbd_disk_go_on(d->disk);
	resize_answer(im, lun, e.text);
}

static void
pump(struct images *im, unsigned lun)
{
	struct image_disk *d = &im->of[lun];
	int error;

	if (!nbd_disk_pump(d->disk)) {
		/* It ends if it has not: that is how it is known to have. */
		if (!is_growing(d))
			stop(im, lun);
		d->settling = false;
		d->source = sd_event_source_disable_unref(d->source);
	}
	if (d->settling && nbd_disk_is_settled(d->disk, &error)) {
		d->settling = false;
		settled(im, lun, error);
	}
	if (d->closing && !d->settling)
		leave(im, lun);
	else if (d->source != NULL)
		sd_event_source_set_io_events(d->source, EPOLLIN |
		    (nbd_disk_wants_to_send(d->disk) ? EPOLLOUT : 0U));
}

void
images_pump(struct images *im)
{
	for (unsigned i = 0; i < KEEPER_NUMBERS; i++)
		if (im->of[i].disk != NULL)
			pump(im, i);
}

static int
source_make(struct images *im, struct image_disk *d)
{
	d->source = sd_event_source_disable_unref(d->source);
	if (im->event == NULL)
		return 0;
	return sd_event_add_io(im->event, &d->source, nbd_disk_fd(d->disk),
	    EPOLLIN, disk_ready, im);
}

static void
refuse(struct images *im, unsigned lun, int code, const char *text)
{
	struct err e;

	err_set(&e, code, "%s", text);
	release(im, lun);
	im->ops->refused(im->ctx, lun, &e);
}

static void
started(struct images *im, const struct keeper_message *m, int *connection)
{
	struct image_disk *d = &im->of[m->number];
	bool is_new = d->disk == NULL;
	uint64_t before = m->export.size;
	struct err e;

	/* It has been told to end since. */
	if (d->closing) {
		d->resizing = false;
		return;
	}
	if (is_new)
		d->disk = nbd_disk(&disk_ops, im, m->number,
		    &im->marks[m->number], &e);
	if (d->disk == NULL) {
		stop(im, m->number);
		refuse(im, m->number, e.code, e.text);
		return;
	}
	if (!is_new)
		before = d->disk->size;
	nbd_disk_connect(d->disk, take_fd(connection), &m->export);
	if (source_make(im, d) < 0)
		stop(im, m->number);
	if (d->disk->size != before)
		im->ops->grown(im->ctx, m->number, d->disk->size);
	resize_answer(im, m->number, m->text);
	if (is_new)
		im->ops->opened(im->ctx, m->number, d->disk);
}

static void
failed(struct images *im, const struct keeper_message *m)
{
	struct image_disk *d = &im->of[m->number];

	d->running = false;
	if (d->closing) {
		closed(im, m->number);
		return;
	}
	if (d->disk == NULL) {
		refuse(im, m->number, EIO, m->text);
		return;
	}
	fprintf(stderr, "LUN %u fails: %s\n", m->number, m->text);
	nbd_disk_give_up(d->disk);
	resize_answer(im, m->number, m->text);
}

static bool
may_start_again(struct image_disk *d)
{
	uint64_t now = now_usec();

	if (now - d->first_start > STARTS_USEC) {
		d->first_start = now;
		d->starts = 0;
	}
	return d->starts++ < STARTS_MAX;
}

static void
start_again(struct images *im, unsigned lun)
{
	struct image_disk *d = &im->of[lun];
	struct err e;

	d->running = may_start_again(d) &&
	    ask(im, lun, KEEPER_START, 0, &e) == 0;
	if (!d->running)
		nbd_disk_give_up(d->disk);
}

static void
disk_renewed(void *ctx, unsigned lun)
{
	struct images *im = ctx;

	if (!im->of[lun].running && !im->of[lun].closing)
		start_again(im, lun);
}

static void
ended(struct images *im, const struct keeper_message *m)
{
	unsigned lun = m->number;
	struct image_disk *d = &im->of[lun];
	bool growing = is_growing(d);

	/* Then there is another one, or it will be told that there is none. */
	d->running = growing;
	if (d->closing) {
		if (!growing)
			closed(im, lun);
		return;
	}
	d->settling = false;
	d->source = sd_event_source_disable_unref(d->source);
	fprintf(stderr, "LUN %u: qemu-storage-daemon has ended: %s\n", lun,
	    m->text);
	if (!nbd_disk_ended(d->disk, m->cleanly != 0))
		fprintf(stderr, "LUN %u fails until the guest restarts: it "
		    "may lack what had been written and not flushed\n", lun);
	if (growing)
		return;
	resize_answer(im, lun, "qemu-storage-daemon has ended");
	start_again(im, lun);
}

/* 1: there was a message. */
static int
receive(struct images *im, struct err *e)
{
	struct keeper_message m;
	AUTO_CLOSE int fd = -1;
	int ret = keeper_receive(im->keeper, &m, &fd, e);

	if (ret <= 0 || !im->of[m.number].used)
		return ret;
	if (m.kind == KEEPER_STARTED && fd >= 0)
		started(im, &m, &fd);
	else if (m.kind == KEEPER_FAILED)
		failed(im, &m);
	else if (m.kind == KEEPER_ENDED)
		ended(im, &m);
	return 1;
}

static int
keeper_ready(sd_event_source *source, int fd, uint32_t events, void *ctx)
{
	struct images *im = ctx;
	struct err e;

	(void)source;
	(void)fd;
	(void)events;
	if (receive(im, &e) < 0)
		im->ops->lost(im->ctx, &e);
	return 0;
}

int
images_listen(struct images *im, sd_event *event, struct err *e)
{
	int r = sd_event_add_io(event, &im->source, im->keeper, EPOLLIN,
	    keeper_ready, im);

	im->event = event;
	for (unsigned i = 0; r >= 0 && i < KEEPER_NUMBERS; i++)
		if (im->of[i].disk != NULL)
			r = source_make(im, &im->of[i]);
	if (r < 0)
		return err_set(e, -r, "event loop: %s", strerror(-r));
	return 0;
}

int
images_wait(struct images *im, struct err *e)
{
	struct pollfd p = { .fd = im->keeper, .events = POLLIN };

	if (poll(&p, 1, -1) < 0 && errno != EINTR)
		return err_set(e, errno, "poll: %s", strerror(errno));
	return receive(im, e) < 0 ? -1 : 0;
}

bool
images_has(const struct images *im, unsigned lun)
{
	return im->of[lun].used;
}

int
images_open(struct images *im, unsigned lun, const struct config_disk *d,
    int image, struct err *e)
{
	if (im->of[lun].used) {
		close(image);
		return err_set(e, EBUSY, "LUN %u is not free yet: try again",
		    lun);
	}
	im->of[lun] = (struct image_disk){ .image = image, .used = true,
		.format = d->format, .readonly = d->readonly,
		.running = true };
	if (ask(im, lun, KEEPER_START, 0, e) == 0)
		return 0;
	release(im, lun);
	return -1;
}

int
images_resize(struct images *im, unsigned lun, uint64_t size, struct err *e)
{
	struct image_disk *d = &im->of[lun];

	if (d->readonly)
		return err_set(e, EROFS, "cannot be written, so its size is "
		    "as it is");
	if (size == 0)
		return err_set(e, EINVAL,
		    "a size is needed, like --size 16G");
	if (d->disk == NULL || d->closing || d->resizing ||
	    nbd_disk_fd(d->disk) < 0)
		return err_set(e, EBUSY, "busy: try again");
	if (size < d->disk->size)
		return err_set(e, EINVAL,
		    "is larger than that, and is not made smaller");
	d->resizing = true;
	d->settling = true;
	d->wanted = size;
	nbd_disk_settle(d->disk);
	return 0;
}
