/* SPDX-License-Identifier: Apache-2.0 */
/* Building the answers that a control socket gives, as JSON. */
#ifndef MULLION_MANAGER_JSON_WRITE_H
#define MULLION_MANAGER_JSON_WRITE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {"ok":@ok}, to be gone on with and then given to json_print(). */
json_object *json_answer(bool ok);

void json_add_text(json_object *o, const char *key, const char *text);
void json_add_number(json_object *o, const char *key, uint64_t n);
void json_add_signed(json_object *o, const char *key, int64_t n);
void json_add_bool(json_object *o, const char *key, bool value);

/*
 * Print @o, which this takes over, to the @size bytes, at least 64,
 * at @out. Returns its length. One that does not fit becomes a refusal that
 * says so.
 */
size_t json_print(json_object *o, char *out, size_t size);

#endif
