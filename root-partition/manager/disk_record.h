/* SPDX-License-Identifier: Apache-2.0 */
/* Which disks a partition that runs has, whatever its file says by now. */
#ifndef MULLION_MANAGER_DISK_RECORD_H
#define MULLION_MANAGER_DISK_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "manager/config.h"
#include "manager/config_disk.h"
#include "manager/disks.h"
#include "manager/site.h"

/*
 * Kept in a file that only root reads and writes, a line for each disk, "LUN"
 * and what config_disk_parse() reads. The process of the disks makes it of the
 * configuration when the partition starts, and opens what it says when it is
 * started again; commands that attach and detach keep it up to date.
 */
struct disk_record {
	bool has[DISKS_MAX];
	struct config_disk disks[DISKS_MAX];
};

#define DISK_RECORD_TEXT_MAX (DISKS_MAX * (CONFIG_DISK_TEXT_MAX + 4) + 1)

void disk_record_from_config(const struct config *config,
    struct disk_record *r);

/* EINVAL when a line cannot be understood. */
int disk_record_parse(const char *text, size_t len, struct disk_record *r,
    struct err *e);
size_t disk_record_print(const struct disk_record *r,
    char out[DISK_RECORD_TEXT_MAX]);

/* ENOENT when there is none. */
int disk_record_load(const struct site *s, const char *name,
    struct disk_record *r, struct err *e);
int disk_record_store(const struct site *s, const char *name,
    const struct disk_record *r, struct err *e);

/* LUN @lun has become @d, or is no more when that is NULL. */
int disk_record_change(const struct site *s, const char *name, unsigned lun,
    const struct config_disk *d, struct err *e);

#endif
