/* SPDX-License-Identifier: Apache-2.0 */
/* What a client of the control socket can ask of the disks, and the answers. */
#ifndef MULLION_STORAGE_REQUEST_H
#define MULLION_STORAGE_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "manager/config_disk.h"
#include "manager/err.h"
#include "storage/controller.h"

#define REQUEST_LUN_ANY CONTROLLER_LUNS
#define REQUEST_REPLY_MAX 131072

enum request_op {
	REQUEST_LIST,
	REQUEST_ATTACH,
	REQUEST_DETACH,
	REQUEST_RESIZE,
	REQUEST_OPS,
};

struct request_asked {
	enum request_op op;
	unsigned lun;		 /* of attach: maybe REQUEST_LUN_ANY */
	uint64_t size;		 /* of resize; 0: not said */
	struct config_disk disk; /* of attach */
};

/*
 * Read one JSON object: {"op":"list"}, {"op":"attach","disk":TEXT} with maybe
 * "lun", where TEXT is as in the configuration; {"op":"detach","lun":N},
 * {"op":"resize","lun":N} with maybe "size". EPROTO when it is none, EINVAL
 * when TEXT is wrong.
 */
int request_parse(const uint8_t *json, size_t len, struct request_asked *out,
    struct err *e);

/* Each returns the length of the answer. */
size_t reply_done(unsigned lun, char out[REQUEST_REPLY_MAX]);
size_t reply_refused(const struct err *e, char out[REQUEST_REPLY_MAX]);

/* All disks of @c; @disks tells by LUN what they were made of. */
size_t reply_list(const struct controller *c, const struct config_disk *disks,
    char out[REQUEST_REPLY_MAX]);

#endif
