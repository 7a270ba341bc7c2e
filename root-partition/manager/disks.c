/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of storage.sock. */
#include "manager/disks.h"

#include <errno.h>
#include <string.h>

#include "manager/call.h"
#include "manager/json_read.h"
#include "manager/json_write.h"

#define ANSWER_SECONDS 60
/* What was written may have to be flushed first. */
#define CHANGE_SECONDS 900

static struct call
call_to(const int *fd, unsigned seconds)
{
	return (struct call){ .socket = "storage.sock",
		.peer = "the process of the disks", .seconds = seconds,
		.fds = fd, .fd_count = fd != NULL };
}

static void
disk_read(const json_object *o, struct disk_state *d)
{
	memset(d, 0, sizeof(*d));
	json_read_number(o, "lun", &d->lun);
	json_read_text(o, "path", d->path, sizeof(d->path));
	json_read_text(o, "format", d->format, sizeof(d->format));
	json_read_text(o, "id", d->id, sizeof(d->id));
	d->readonly = json_read_bool(o, "readonly");
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
	struct call c = call_to(NULL, ANSWER_SECONDS);
	char reply[CALL_REPLY_MAX];
	size_t len;

	if (call_make(site, name, &c, "{\"op\":\"list\"}", reply, &len, e) < 0)
		return -1;
	return disks_parse((const uint8_t *)reply, len, out, count, e);
}

int
disks_attach(const struct site *site, const char *name, const char *text,
    int fd, uint64_t *lun, struct err *e)
{
	json_object *request = call_request("attach");
	AUTO_JSON json_object *o = NULL;
	struct call c = call_to(&fd, CHANGE_SECONDS);

	json_add_text(request, "disk", text);
	o = call_ask(site, name, &c, request, e);
	if (o == NULL)
		return -1;
	if (!json_read_number(o, "lun", lun))
		return err_set(e, EPROTO,
		    "not understood: there is no \"lun\" in the answer");
	return 0;
}

static int
ask_lun(const struct site *site, const char *name, const char *op,
    unsigned lun, uint64_t size, struct err *e)
{
	json_object *request = call_request(op);
	AUTO_JSON json_object *o = NULL;
	struct call c = call_to(NULL, CHANGE_SECONDS);

	json_add_number(request, "lun", lun);
	if (size != 0)
		json_add_number(request, "size", size);
	o = call_ask(site, name, &c, request, e);
	return o != NULL ? 0 : -1;
}

int
disks_detach(const struct site *site, const char *name, unsigned lun,
    struct err *e)
{
	return ask_lun(site, name, "detach", lun, 0, e);
}

int
disks_resize(const struct site *site, const char *name, unsigned lun,
    uint64_t size, struct err *e)
{
	return ask_lun(site, name, "resize", lun, size, e);
}
