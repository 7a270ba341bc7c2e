/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of a control socket's clients, who are not trusted. */
#ifndef MULLION_MANAGER_JSON_REQUEST_H
#define MULLION_MANAGER_JSON_REQUEST_H

#include <json-c/json.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

/*
 * Read a request, an object whose "op" is one of the @count @names; *@op says
 * which. The caller puts it back. NULL: EPROTO with what was not understood,
 * or ENOMEM.
 */
json_object *json_request_read(const uint8_t *json, size_t len,
    const char *const names[], unsigned count, unsigned *op, struct err *e);

/* NULL unless there is such a member, of that type. */
json_object *json_request_member(json_object *o, const char *key,
    enum json_type type);

#endif
