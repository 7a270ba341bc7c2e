/* SPDX-License-Identifier: Apache-2.0 */
/* Taking what is expected out of JSON that others write. */
#ifndef MULLION_MANAGER_JSON_READ_H
#define MULLION_MANAGER_JSON_READ_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

static inline void
cleanup_json(json_object **o)
{
	json_object_put(*o);
}

#define AUTO_JSON __attribute__((cleanup(cleanup_json)))

/* NULL, and EPROTO, unless @json is one whole JSON object. */
json_object *json_read_object(const uint8_t *json, size_t len, struct err *e);

/* False, and *@out unchanged, unless there is such a natural number. */
bool json_read_number(const json_object *o, const char *key, uint64_t *out);

/* The same for one that may be below 0. */
bool json_read_signed(const json_object *o, const char *key, int64_t *out);

/* Whether there is such a boolean, and it is true. */
bool json_read_bool(const json_object *o, const char *key);

/* Empty unless there is such a text; as json_copy_printable() leaves it. */
void json_read_text(const json_object *o, const char *key, char *out,
    size_t size);

/*
 * Up to @most texts of the array @key, each into the next @size bytes at @out.
 * Returns how many there are.
 */
unsigned json_read_texts(const json_object *o, const char *key, char *out,
    size_t size, unsigned most);

/*
 * Copy text that is shown on terminals: nothing in it may command them. It is
 * cut when it is too long.
 */
void json_copy_printable(char *out, size_t size, const char *in);

/*
 * 0 when a reply says "ok":true; when it says false, the peer's own words as
 * text, and its code if it gives one, else EIO; EPROTO when it is neither.
 */
int json_read_reply(const json_object *o, struct err *e);

#endif
