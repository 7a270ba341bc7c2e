/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the process of a running partition's disks. */
#ifndef MULLION_MANAGER_DISKS_H
#define MULLION_MANAGER_DISKS_H

#include <stdbool.h>
#include <stdint.h>

#include "manager/config_disk.h"
#include "manager/site.h"

#define DISKS_MAX 64

struct disk_state {
	uint64_t lun;
	char path[CONFIG_DISK_PATH_MAX];
	char format[8];
	char id[48];
	bool readonly;
	uint64_t size; /* bytes */
	uint64_t waiting; /* writes that wait for space under it */
	uint64_t reads, read_bytes;
	uint64_t writes, written_bytes;
	uint64_t flushes, discards, errors;
};

/*
 * All return 0 when it was done. Else ENOTCONN when there is no such process,
 * ERR_TIMEOUT when it does not answer, EPROTO when it is not understood, or
 * EIO with what it says that went wrong. @text is as config_disk_parse() reads
 * it, @fd what it names, and the caller's.
 */
int disks_list(const struct site *site, const char *name,
    struct disk_state out[DISKS_MAX], unsigned *count, struct err *e);
int disks_attach(const struct site *site, const char *name, const char *text,
    int fd, uint64_t *lun, struct err *e);
int disks_detach(const struct site *site, const char *name, unsigned lun,
    struct err *e);
/* To @size bytes; 0: to what its file has become. */
int disks_resize(const struct site *site, const char *name, unsigned lun,
    uint64_t size, struct err *e);

/* Read a list; what it says is not trusted. */
int disks_parse(const uint8_t *json, size_t len,
    struct disk_state out[DISKS_MAX], unsigned *count, struct err *e);

#endif
