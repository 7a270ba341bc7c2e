/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers as JSON; who sends requests is not trusted. */
#include "storage/request.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 4

static const char *const names[REQUEST_OPS] = {
	[REQUEST_LIST] = "list",
	[REQUEST_ATTACH] = "attach",
	[REQUEST_DETACH] = "detach",
	[REQUEST_RESIZE] = "resize",
};

/* NULL: it is not there, or no text. */
static const char *
text_of(json_object *o, const char *key)
{
	json_object *v;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, json_type_string))
		return NULL;
	return json_object_get_string(v);
}

static int
op_take(json_object *o, enum request_op *out, struct err *e)
{
	const char *text = text_of(o, "op");

	if (text == NULL)
		return err_set(e, EPROTO,
		    "not understood: {\"op\":\"...\"} is expected");
	for (unsigned i = 0; i < REQUEST_OPS; i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum request_op)i;
			return 0;
		}
	return err_set(e, EPROTO, "not understood: op \"%.40s\"", text);
}

static int
lun_take(json_object *o, struct request_asked *r, struct err *e)
{
	json_object *v;

	r->lun = REQUEST_LUN_ANY;
	if (!json_object_object_get_ex(o, "lun", &v)) {
		if (r->op == REQUEST_LIST || r->op == REQUEST_ATTACH)
			return 0;
		return err_set(e, EPROTO, "\"lun\" is missing");
	}
	if (!json_object_is_type(v, json_type_int) ||
	    json_object_get_int64(v) < 0 ||
	    json_object_get_int64(v) >= CONTROLLER_LUNS)
		return err_set(e, EPROTO,
		    "\"lun\" is not a number from 0 to %d",
		    CONTROLLER_LUNS - 1);
	r->lun = (unsigned)json_object_get_int64(v);
	return 0;
}

static int
disk_take(json_object *o, struct request_asked *r, struct err *e)
{
	const char *text = text_of(o, "disk");

	if (r->op != REQUEST_ATTACH)
		return 0;
	if (text == NULL)
		return err_set(e, EPROTO, "\"disk\" is missing");
	return config_disk_parse(text, &r->disk, e);
}

int
request_parse(const uint8_t *json, size_t len, struct request_asked *out,
    struct err *e)
{
	json_tokener *t = json_tokener_new_ex(DEPTH_MAX);
	json_object *o;
	int ret;

	memset(out, 0, sizeof(*out));
	if (t == NULL)
		return err_set(e, ENOMEM, "out of memory");
	o = json_tokener_parse_ex(t, (const char *)json, (int)len);
	ret = op_take(o, &out->op, e);
	if (ret == 0)
		ret = lun_take(o, out, e);
	if (ret == 0)
		ret = disk_take(o, out, e);
	json_object_put(o);
	json_tokener_free(t);
	return ret;
}

/* Takes over @o; short of memory, the answer is empty. */
static size_t
finish(json_object *o, char out[REQUEST_REPLY_MAX])
{
	const char *text = json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	int n = snprintf(out, REQUEST_REPLY_MAX, "%s",
	    text != NULL ? text : "");

	json_object_put(o);
	return n < REQUEST_REPLY_MAX ? (size_t)n : REQUEST_REPLY_MAX - 1;
}

static void
add_text(json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, json_object_new_string(value));
}

static void
add_number(json_object *o, const char *key, uint64_t value)
{
	json_object_object_add(o, key, json_object_new_uint64(value));
}

static void
add_bool(json_object *o, const char *key, bool value)
{
	json_object_object_add(o, key, json_object_new_boolean(value));
}

size_t
reply_done(unsigned lun, char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_object_new_object();

	add_bool(o, "ok", true);
	add_number(o, "lun", lun);
	return finish(o, out);
}

size_t
reply_refused(const struct err *e, char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_object_new_object();

	add_bool(o, "ok", false);
	add_text(o, "error", e->text);
	add_number(o, "code", (uint64_t)e->code);
	return finish(o, out);
}

static json_object *
disk_object(const struct disk *d, const struct config_disk *made_of)
{
	json_object *o = json_object_new_object();

	add_number(o, "lun", d->lun);
	add_text(o, "path", made_of->path);
	add_text(o, "format", config_disk_formats[made_of->format]);
	add_bool(o, "readonly", d->is.readonly);
	add_text(o, "full", config_disk_fulls[made_of->full]);
	add_text(o, "id", d->is.serial);
	add_number(o, "size", d->blocks * d->block);
	/* Writes that wait for space under the disk. */
	add_number(o, "waiting", d->held);
	add_number(o, "reads", d->stats.reads);
	add_number(o, "read_bytes", d->stats.read_bytes);
	add_number(o, "writes", d->stats.writes);
	add_number(o, "written_bytes", d->stats.written_bytes);
	add_number(o, "flushes", d->stats.flushes);
	add_number(o, "discards", d->stats.discards);
	add_number(o, "errors", d->stats.errors);
	return o;
}

size_t
reply_list(const struct controller *c, const struct config_disk *disks,
    char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_object_new_object();
	json_object *all = json_object_new_array();

	for (unsigned i = 0; i < CONTROLLER_LUNS; i++)
		if (c->luns[i] != NULL)
			json_object_array_add(all,
			    disk_object(c->luns[i], &disks[i]));
	add_bool(o, "ok", true);
	json_object_object_add(o, "disks", all);
	return finish(o, out);
}
