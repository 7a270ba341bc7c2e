/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of storage.sock. */
#include "manager/disks.h"

#include <errno.h>
#include <string.h>

#include "manager/call.h"
#include "manager/json_read.h"

#define ANSWER_SECONDS 10

static int
ask(const struct site *site, const char *name, const char *request, int fd,
    char reply[CALL_REPLY_MAX], size_t *len, struct err *e)
{
	const struct call c = { .socket = "storage.sock",
		.peer = "the process of the disks", .seconds = ANSWER_SECONDS,
		.fd = fd };

	return call_make(site, name, &c, request, reply, len, e);
}

static bool
read_bool(const json_object *o, const char *key)
{
	json_object *v;

	return json_object_object_get_ex(o, key, &v) &&
	    json_object_is_type(v, json_type_boolean) &&
	    json_object_get_boolean(v);
}

static void
disk_read(const json_object *o, struct disk_state *d)
{
	memset(d, 0, sizeof(*d));
	json_read_number(o, "lun", &d->lun);
	json_read_text(o, "path", d->path, sizeof(d->path));
	json_read_text(o, "format", d->format, sizeof(d->format));
	json_read_text(o, "id", d->id, sizeof(d->id));
	d->readonly = read_bool(o, "readonly");
	json_read_number(o, "size", &d->size);
	json_read_number(o, "waiting", &d->waiting);
	json_read_number(o, "reads", &d->reads);
	json_read_number(o, "read_bytes", &d->read_bytes);
	json_read_number(o, "writes", &d->writes);
	json_read_number(o, "written_bytes", &d->written_bytes);
	json_read_number(o, "flushes", &d->flushes);
	json_read_number(o, "discards", &d->discards);
	json_read_number(o, "errors", &d->errors);
}

int
disks_parse(const uint8_t *json, size_t len, struct disk_state out[DISKS_MAX],
    unsigned *count, struct err *e)
{
	AUTO_JSON json_object *o = json_read_object(json, len, e);
	json_object *all;

	*count = 0;
	if (o == NULL || json_read_reply(o, e) < 0)
		return -1;
	if (!json_object_object_get_ex(o, "disks", &all) ||
	    !json_object_is_type(all, json_type_array))
		return err_set(e, EPROTO, "not understood: there are no "
		    "\"disks\" in the answer");
	for (size_t i = 0; i < json_object_array_length(all) &&
	    *count < DISKS_MAX; i++) {
		json_object *each = json_object_array_get_idx(all, i);

		if (json_object_is_type(each, json_type_object))
			disk_read(each, &out[(*count)++]);
	}
	return 0;
}

int
disks_list(const struct site *site, const char *name,
    struct disk_state out[DISKS_MAX], unsigned *count, struct err *e)
{
	char reply[CALL_REPLY_MAX];
	size_t len;

	if (ask(site, name, "{\"op\":\"list\"}", -1, reply, &len, e) < 0)
		return -1;
	return disks_parse((const uint8_t *)reply, len, out, count, e);
}

/* Takes over @request. The LUN that it was about, if the caller asks. */
static int
ask_change(const struct site *site, const char *name, json_object *request,
    int fd, uint64_t *lun, struct err *e)
{
	AUTO_JSON json_object *owned = request, *o = NULL;
	const char *text = json_object_to_json_string_ext(request,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	char reply[CALL_REPLY_MAX];
	size_t len;

	if (text == NULL)
		return err_set(e, ENOMEM, "%s", strerror(ENOMEM));
	if (ask(site, name, text, fd, reply, &len, e) < 0)
		return -1;
	o = json_read_object((const uint8_t *)reply, len, e);
	if (o == NULL || json_read_reply(o, e) < 0)
		return -1;
	if (lun != NULL && !json_read_number(o, "lun", lun))
		return err_set(e, EPROTO,
		    "not understood: there is no \"lun\" in the answer");
	return 0;
}

static json_object *
request_new(const char *op, const char *key, json_object *value)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "op", json_object_new_string(op));
	json_object_object_add(o, key, value);
	return o;
}

int
disks_attach(const struct site *site, const char *name, const char *text,
    int fd, uint64_t *lun, struct err *e)
{
	return ask_change(site, name, request_new("attach", "disk",
	    json_object_new_string(text)), fd, lun, e);
}

int
disks_detach(const struct site *site, const char *name, unsigned lun,
    struct err *e)
{
	return ask_change(site, name, request_new("detach", "lun",
	    json_object_new_int((int)lun)), -1, NULL, e);
}

int
disks_resize(const struct site *site, const char *name, unsigned lun,
    struct err *e)
{
	return ask_change(site, name, request_new("resize", "lun",
	    json_object_new_int((int)lun)), -1, NULL, e);
}
