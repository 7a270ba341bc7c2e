/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a running guest for things, by its integration services. */
#ifndef MULLION_MANAGER_INTEGRATION_H
#define MULLION_MANAGER_INTEGRATION_H

#include "manager/guest_status.h"
#include "manager/site.h"

/*
 * All return 0 when it was done, or begun where it says so. Else ENOTCONN when
 * the partition has no integration, or its guest not the service;
 * ERR_TIMEOUT when it does not answer; or what it says that went wrong.
 */
int integration_status(const struct site *site, const char *name,
    struct guest_status *out, struct err *e);

/* Have the guest begin to shut down or to restart. */
int integration_shutdown(const struct site *site, const char *name,
    struct err *e);
int integration_restart(const struct site *site, const char *name,
    struct err *e);

struct integration_copy {
	int fd;		  /* of the file; stays the caller's */
	const char *path; /* in the guest, absolute */
	bool overwrite;
	bool make_path; /* create folders that are not there */
};

int integration_copy_file(const struct site *site, const char *name,
    const struct integration_copy *c, struct err *e);

/*
 * Freeze the guest's file systems, for @seconds at most; until then
 * integration_thaw() has to say whether they were frozen all the time.
 */
int integration_freeze(const struct site *site, const char *name,
    unsigned seconds, struct err *e);
int integration_thaw(const struct site *site, const char *name,
    struct err *e);

#endif
