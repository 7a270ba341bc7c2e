/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers as JSON; who sends requests is not trusted. */
#include "storage/request.h"

#include <errno.h>
#include <string.h>

#include "manager/json_request.h"
#include "manager/json_write.h"

static const char *const names[REQUEST_OPS] = {
	[REQUEST_LIST] = "list",
	[REQUEST_ATTACH] = "attach",
	[REQUEST_DETACH] = "detach",
	[REQUEST_RESIZE] = "resize",
};

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
size_take(json_object *o, struct request_asked *r, struct err *e)
{
	json_object *v;

	if (r->op != REQUEST_RESIZE ||
	    !json_object_object_get_ex(o, "size", &v))
		return 0;
	if (!json_object_is_type(v, json_type_int) ||
	    json_object_get_int64(v) <= 0)
		return err_set(e, EPROTO, "\"size\" is no number of bytes");
	r->size = (uint64_t)json_object_get_int64(v);
	return 0;
}

static int
disk_take(json_object *o, struct request_asked *r, struct err *e)
{
	json_object *v = json_request_member(o, "disk", json_type_string);

	if (r->op != REQUEST_ATTACH)
		return 0;
	if (v == NULL)
		return err_set(e, EPROTO, "\"disk\" is missing");
	return config_disk_parse(json_object_get_string(v), &r->disk, e);
}

int
request_parse(const uint8_t *json, size_t len, struct request_asked *out,
    struct err *e)
{
	json_object *o;
	unsigned op;
	int ret;

	memset(out, 0, sizeof(*out));
	o = json_request_read(json, len, names, REQUEST_OPS, &op, e);
	if (o == NULL)
		return -1;
	out->op = (enum request_op)op;
	ret = lun_take(o, out, e);
	if (ret == 0)
		ret = size_take(o, out, e);
	if (ret == 0)
		ret = disk_take(o, out, e);
	json_object_put(o);
	return ret;
}

size_t
reply_done(unsigned lun, char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_answer(true);

	json_add_number(o, "lun", lun);
	return json_print(o, out, REQUEST_REPLY_MAX);
}

size_t
reply_refused(const struct err *e, char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_answer(false);

	json_add_text(o, "error", e->text);
	json_add_number(o, "code", (uint64_t)e->code);
	return json_print(o, out, REQUEST_REPLY_MAX);
}

static json_object *
disk_object(const struct disk *d, const struct config_disk *made_of)
{
	json_object *o = json_object_new_object();

	json_add_number(o, "lun", d->lun);
	json_add_text(o, "path", made_of->path);
	json_add_text(o, "format", config_disk_formats[made_of->format]);
	json_add_bool(o, "readonly", d->is.readonly);
	json_add_text(o, "full", config_disk_fulls[made_of->full]);
	json_add_text(o, "id", d->is.serial);
	json_add_number(o, "size", d->blocks * d->block);
	/* Writes that wait for space under the disk. */
	json_add_number(o, "waiting", d->held);
	json_add_number(o, "reads", d->stats.reads);
	json_add_number(o, "read_bytes", d->stats.read_bytes);
	json_add_number(o, "writes", d->stats.writes);
	json_add_number(o, "written_bytes", d->stats.written_bytes);
	json_add_number(o, "flushes", d->stats.flushes);
	json_add_number(o, "discards", d->stats.discards);
	json_add_number(o, "errors", d->stats.errors);
	return o;
}

size_t
reply_list(const struct controller *c, const struct config_disk *disks,
    char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_answer(true);
	json_object *all = json_object_new_array();

	for (unsigned i = 0; i < CONTROLLER_LUNS; i++)
		if (c->luns[i] != NULL)
			json_object_array_add(all,
			    disk_object(c->luns[i], &disks[i]));
	json_object_object_add(o, "disks", all);
	return json_print(o, out, REQUEST_REPLY_MAX);
}
