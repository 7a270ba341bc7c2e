/* SPDX-License-Identifier: Apache-2.0 */
/* A disk of a partition, as one line of text says it. */
#ifndef MULLION_MANAGER_CONFIG_DISK_H
#define MULLION_MANAGER_CONFIG_DISK_H

#include <stdbool.h>
#include <stddef.h>

#include "manager/err.h"

#define CONFIG_DISK_PATH_MAX 1024 /* with the final NUL */
#define CONFIG_DISK_ID_MAX 21	  /* with the final NUL */
#define CONFIG_DISK_TEXT_MAX (CONFIG_DISK_PATH_MAX + 80)

enum config_disk_format {
	CONFIG_DISK_RAW,
	CONFIG_DISK_ISO, /* the medium of a DVD drive */
	CONFIG_DISK_QCOW2,
	CONFIG_DISK_VHDX, /* only to be read */
	CONFIG_DISK_FORMATS,
};

/* What a write meets that finds no space left under the disk. */
enum config_disk_full {
	CONFIG_DISK_FULL_PAUSE, /* it waits until there is some */
	CONFIG_DISK_FULL_ERROR, /* an error that the guest sees */
	CONFIG_DISK_FULLS,
};

struct config_disk {
	char path[CONFIG_DISK_PATH_MAX]; /* absolute; no comma */
	enum config_disk_format format;
	enum config_disk_full full;
	bool readonly;
	char id[CONFIG_DISK_ID_MAX]; /* empty: from name and number */
};

extern const char *const config_disk_formats[CONFIG_DISK_FORMATS];
extern const char *const config_disk_fulls[CONFIG_DISK_FULLS];

/*
 * Read PATH[,format=raw|iso|qcow2|vhdx][,readonly=yes|no][,full=pause|error]
 * [,id=ID]. What is not said of the format, the suffix of the path says. EINVAL,
 * with what is wrong and what would be right, and *@d unchanged.
 */
int config_disk_parse(const char *text, struct config_disk *d, struct err *e);

/*
 * What is in a file by its name: raw, unless a suffix says otherwise. EINVAL,
 * with what to do, when nothing of ours reads that.
 */
int config_disk_format(const char *path, enum config_disk_format *out,
    struct err *e);

/* Write @d as config_disk_parse() reads it, without what is the default. */
void config_disk_print(const struct config_disk *d,
    char out[CONFIG_DISK_TEXT_MAX]);

#endif
