/* SPDX-License-Identifier: Apache-2.0 */
/* A logical unit: what the guest sees of a disk or a DVD drive. */
#ifndef MULLION_STORAGE_DISK_H
#define MULLION_STORAGE_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "storage/backend.h"
#include "storage/cdb.h"
#include "storage/reply.h"

#define DISK_BLOCK 512u
#define DISK_DVD_BLOCK 2048u
#define DISK_SERIAL_MAX 48 /* with the final NUL */

/* The largest transfer and discard; VPD page B0 tells them. */
#define DISK_TRANSFER_MAX (UINT32_C(1) << 20)
#define DISK_DISCARD_MAX (UINT64_C(1) << 30)
#define DISK_DISCARD_RANGES 64u

struct disk_setup {
	struct backend *backend;
	bool dvd;
	bool readonly;
	bool pause_when_full; /* else the guest gets the error */
	char serial[DISK_SERIAL_MAX];
};

struct disk_stats {
	uint64_t reads, writes, flushes, discards;
	uint64_t read_bytes, written_bytes;
	uint64_t errors;
};

struct disk {
	struct disk_setup is;
	uint8_t lun;
	uint32_t block;	  /* bytes */
	uint64_t blocks;
	uint64_t naa;	  /* identifier, made of the serial number */
	enum scsi_asc attention; /* to be told once; SCSI_ASC_NONE: nothing */
	bool ejected;	  /* the DVD, by the guest */
	bool locked;	  /* it may not be */
	struct disk_stats stats;
	unsigned in_flight; /* requests that were begun */
	unsigned held;	    /* of them wait for space */
	bool detached;	    /* to be freed when none is in flight */
};

/* Set up @d, all of it. The backend stays whose it is. */
void disk_init(struct disk *d, const struct disk_setup *setup, uint8_t lun);

/* The backend has another size: have the guest look at it. */
void disk_resized(struct disk *d);

/* What a command comes to. */
enum disk_verdict {
	DISK_ANSWERED,	/* with the data in the reply */
	DISK_REFUSED,	/* with the sense */
	DISK_IO,	/* the backend is to do it */
};

struct disk_answer {
	enum disk_verdict verdict;
	struct sense sense;
	struct reply reply;
	uint32_t allocation; /* as much of the reply is wanted */
	struct disk_io io;   /* without its buffer */
};

/* Anything but UNMAP and REPORT LUNS. The answer is all set. */
void disk_execute(struct disk *d, const struct cdb *c,
    struct disk_answer *answer);

/*
 * Ranges to discard, as UNMAP's parameter list of @len bytes names them.
 * Fills at most DISK_DISCARD_RANGES of @ranges, and *@count.
 */
struct disk_range {
	uint64_t offset;
	uint64_t length;
};
struct sense disk_unmap_parse(const struct disk *d, const uint8_t *list,
    size_t len, struct disk_range *ranges, unsigned *count);

/* The state that a command other than INQUIRY and the like runs into. */
struct sense disk_attention(struct disk *d, const struct cdb *c);

/* What the guest is told of an error of the backend. */
struct sense disk_error_sense(enum disk_op op, int error);

/* The answers of many bytes, each in a file of its own. */
struct sense disk_inquiry(const struct disk *d, const struct cdb *c,
    struct reply *r);
struct sense disk_mode_sense(const struct disk *d, const struct cdb *c,
    struct reply *r);
struct sense disk_dvd(const struct disk *d, const struct cdb *c,
    struct reply *r);

/* INQUIRY where there is no unit. */
void disk_inquiry_absent(struct reply *r);

#endif
