/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the worker of a running partition, over its sockets. */
#ifndef MULLION_MANAGER_CONTROL_H
#define MULLION_MANAGER_CONTROL_H

#include "manager/site.h"
#include "manager/status.h"

/* How long a worker may take to answer. */
#define CONTROL_TIMEOUT_MS 10000

/* What can be asked for without an answer but yes or no. */
enum control_op {
	CONTROL_PAUSE,
	CONTROL_RESUME,
	CONTROL_POWER_BUTTON,
	CONTROL_QUIT, /* end the partition at once */
};

/*
 * Each returns 0 when the worker did it. Else ENOTCONN when no worker listens,
 * ERR_TIMEOUT when it does not answer, EPROTO when the answer is not
 * understood, EIO, with the worker's words, when it refuses.
 */
int control_ask(const struct site *site, const char *name, enum control_op op,
    struct err *e);
int control_status(const struct site *site, const char *name,
    struct status *out, struct err *e);
int control_stats(const struct site *site, const char *name,
    struct partition_stats *out, struct err *e);

/*
 * Connect to the console; the kept output comes first. Returns a descriptor
 * that the caller owns, or -1 with ENOTCONN when there is none.
 */
int console_connect(const struct site *site, const char *name, struct err *e);

#endif
