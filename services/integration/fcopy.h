/* SPDX-License-Identifier: Apache-2.0 */
/* Copying a file into the guest. */
#ifndef MULLION_INTEGRATION_FCOPY_H
#define MULLION_INTEGRATION_FCOPY_H

#include "integration/icmsg.h"
#include "manager/err.h"

#define FCOPY_LIMIT (35 * IC_SECOND)

enum fcopy_state {
	FCOPY_NONE,
	FCOPY_STARTING,
	FCOPY_WANTING, /* the next block, from the caller */
	FCOPY_WRITING,
	FCOPY_COMPLETING,
	FCOPY_CANCELLING,
};

struct fcopy_file {
	const char *path; /* where it will be in the guest */
	uint64_t size;
	bool overwrite; /* what is there already */
	bool make_path; /* create folders that are not there */
};

struct fcopy {
	struct ic ic;
	enum fcopy_state state;
	uint64_t size;
	uint64_t offset; /* that the guest has written so far */
	uint32_t block;	 /* bytes of the outstanding one */
	int outcome;	 /* of the last copy: 0, or why it failed */
	struct err why;
};

void fcopy_init(struct fcopy *f);

/*
 * 0 when @path can be written to: absolute, the name of a file at its end,
 * nothing in it that leads elsewhere, and letters that daemons keep: printable
 * ASCII. EINVAL, with what is wrong, if not.
 */
int fcopy_path_check(const char *path, struct err *e);

/*
 * Begin. ENOTCONN when the guest's daemon does not run, EBUSY when another
 * copy goes on.
 */
int fcopy_start(struct fcopy *f, const struct fcopy_file *file, uint64_t now,
    struct err *e);

/* Whether a block is wanted: *@size bytes of the file from *@offset on. */
bool fcopy_wants(const struct fcopy *f, uint64_t *offset, uint32_t *size);

/* The block, of the size that was wanted. */
void fcopy_block(struct fcopy *f, const uint8_t *data, uint64_t now);

/* Stop, because of @why. Of no effect when no copy goes on. */
void fcopy_cancel(struct fcopy *f, const struct err *why, uint64_t now);

/*
 * EINPROGRESS while it goes on, 0 when the file is there, else what went
 * wrong: EEXIST, ENOSPC and others.
 */
int fcopy_report(const struct fcopy *f, struct err *e);

#endif
