/* SPDX-License-Identifier: Apache-2.0 */
/* The disks in images whose format others know, and their daemons. */
#ifndef MULLION_STORAGE_IMAGES_H
#define MULLION_STORAGE_IMAGES_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "manager/config_disk.h"
#include "storage/backend.h"
#include "storage/keeper.h"

/* Each comes from images_receive(), or from the event loop. */
struct images_ops {
	/* What images_open() asked for is there, and the callee's; or not. */
	void (*opened)(void *ctx, unsigned lun, struct backend *b);
	void (*refused)(void *ctx, unsigned lun, const struct err *e);

	/* The answer to images_resize(); @e is NULL when it was done. */
	void (*resized)(void *ctx, unsigned lun, const struct err *e);

	/* The image has another size, whether or not that was well done. */
	void (*grown)(void *ctx, unsigned lun, uint64_t size);

	/* The disk was closed, and the image can be used by others. */
	void (*closed)(void *ctx, unsigned lun);

	/* None can be served any more. */
	void (*lost)(void *ctx, const struct err *e);
};

struct image_disk {
	struct backend *disk;	/* NULL: none yet, or it was closed */
	sd_event_source *source;
	int image;
	enum config_disk_format format;
	bool used;
	bool readonly;
	bool running;		/* there is a daemon, for all we know */
	bool settling;		/* first all is flushed: for one of these */
	bool resizing;
	bool closing;
	uint64_t wanted;	/* the size, if it is resized */
	unsigned starts;	/* again, within a while */
	uint64_t first_start;	/* of these; in microseconds */
};

struct images {
	const struct images_ops *ops;
	void *ctx;
	sd_event *event;
	sd_event_source *source;
	int keeper;
	volatile uint8_t *marks;
	struct image_disk of[KEEPER_NUMBERS];
};

/*
 * Begin with none, while there is one thread. What is to be known of them after
 * we were killed is in @run_dir. What was made is kept when this fails.
 */
int images_begin(struct images *im, const char *run_dir,
    const struct images_ops *ops, void *ctx, struct err *e);
/* Every disk is closed. Waits until all that was answered is flushed. */
void images_end(struct images *im);

/* Who the daemons run as; then answers come from the loop @event. */
int images_become(struct images *im, uint32_t uid, struct err *e);
int images_listen(struct images *im, sd_event *event, struct err *e);

/* Before that: wait for a message, and handle it. */
int images_wait(struct images *im, struct err *e);

static inline bool
images_format(enum config_disk_format format)
{
	return format == CONFIG_DISK_QCOW2 || format == CONFIG_DISK_VHDX;
}

/* Is there an image at @lun, or about to come or go? */
bool images_has(const struct images *im, unsigned lun);

/* Make a disk of @image, which is taken over, also if this fails. */
int images_open(struct images *im, unsigned lun, const struct config_disk *d,
    int image, struct err *e);

int images_resize(struct images *im, unsigned lun, uint64_t size,
    struct err *e);

/* Send and receive whatever goes: before each sleep. */
void images_pump(struct images *im);

#endif
