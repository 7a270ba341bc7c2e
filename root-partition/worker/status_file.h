/* SPDX-License-Identifier: Apache-2.0 */
/* status.json: the state of a child, also after its worker is gone. */
#ifndef MULLION_WORKER_STATUS_FILE_H
#define MULLION_WORKER_STATUS_FILE_H

#include "manager/err.h"
#include "manager/status.h"

struct status_file {
	int dir_fd;
	struct status status;
};

/* Begin in the folder @dir, with the state "starting". */
int status_file_open(struct status_file *f, const char *dir, struct err *e);

/* Go over to @state; the file is replaced at once. */
void status_file_set(struct status_file *f, enum status_state state,
    const char *reason);

#endif
