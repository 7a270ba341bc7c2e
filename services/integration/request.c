/* SPDX-License-Identifier: Apache-2.0 */
/* Reading requests; who sends them is not trusted. */
#include "integration/request.h"

#include <errno.h>
#include <string.h>

#include "manager/json_request.h"

static const char *const names[REQUEST_OPS] = {
	[REQUEST_STATUS] = "status",
	[REQUEST_SHUTDOWN] = "shutdown",
	[REQUEST_RESTART] = "restart",
	[REQUEST_KVP_GET] = "kvp-get",
	[REQUEST_KVP_SET] = "kvp-set",
	[REQUEST_KVP_DELETE] = "kvp-delete",
	[REQUEST_ADDRESSES] = "addresses",
	[REQUEST_COPY] = "copy",
	[REQUEST_FREEZE] = "freeze",
	[REQUEST_THAW] = "thaw",
	[REQUEST_SYNC_TIME] = "sync-time",
};

/* Each takes a member that need not be there, but of its kind if it is. */
static int
take_text(json_object *o, const char *key, char *out, size_t size,
    struct err *e)
{
	json_object *v;
	size_t len;

	out[0] = '\0';
	if (!json_object_object_get_ex(o, key, &v))
		return 0;
	if (!json_object_is_type(v, json_type_string))
		return err_set(e, EPROTO, "\"%s\" is not a text", key);
	len = (size_t)json_object_get_string_len(v);
	if (len >= size || strlen(json_object_get_string(v)) != len)
		return err_set(e, EPROTO, "\"%s\" is too long or has a NUL",
		    key);
	memcpy(out, json_object_get_string(v), len + 1);
	return 0;
}

static int
take_bool(json_object *o, const char *key, bool *out, struct err *e)
{
	json_object *v;

	if (!json_object_object_get_ex(o, key, &v))
		return 0;
	if (!json_object_is_type(v, json_type_boolean))
		return err_set(e, EPROTO, "\"%s\" is not true or false", key);
	*out = json_object_get_boolean(v);
	return 0;
}

static int
take_number(json_object *o, const char *key, unsigned most, unsigned *out,
    struct err *e)
{
	json_object *v;

	if (!json_object_object_get_ex(o, key, &v))
		return 0;
	if (!json_object_is_type(v, json_type_int) ||
	    json_object_get_int64(v) < 0 || json_object_get_int64(v) > most)
		return err_set(e, EPROTO,
		    "\"%s\" is not a number from 0 to %u", key, most);
	*out = (unsigned)json_object_get_int64(v);
	return 0;
}

static int
take_all(json_object *o, struct request *r, struct err *e)
{
	unsigned pool = KVP_POOL_EXTERNAL;

	if (take_bool(o, "force", &r->force, e) < 0 ||
	    take_bool(o, "overwrite", &r->overwrite, e) < 0 ||
	    take_bool(o, "make_path", &r->make_path, e) < 0 ||
	    take_number(o, "pool", KVP_POOL_GUEST, &pool, e) < 0 ||
	    take_number(o, "seconds", 1000000, &r->seconds, e) < 0 ||
	    take_text(o, "key", r->key, sizeof(r->key), e) < 0 ||
	    take_text(o, "value", r->value, sizeof(r->value), e) < 0 ||
	    take_text(o, "path", r->path, sizeof(r->path), e) < 0 ||
	    take_text(o, "mac", r->mac, sizeof(r->mac), e) < 0)
		return -1;
	r->pool = (uint8_t)pool;
	return 0;
}

int
request_parse(const uint8_t *json, size_t len, struct request *out,
    struct err *e)
{
	json_object *o;
	unsigned op;
	int ret;

	memset(out, 0, sizeof(*out));
	out->seconds = REQUEST_FREEZE_SECONDS;
	o = json_request_read(json, len, names, REQUEST_OPS, &op, e);
	if (o == NULL)
		return -1;
	out->op = (enum request_op)op;
	ret = take_all(o, out, e);
	json_object_put(o);
	return ret;
}
