/* SPDX-License-Identifier: Apache-2.0 */
/* Reading requests; who sends them is not trusted. */
#include "memory/request.h"

#include <errno.h>
#include <string.h>

#include "manager/config.h"
#include "manager/json_request.h"

static const char *const names[REQUEST_OPS] = {
	[REQUEST_STATUS] = "status",
	[REQUEST_SET] = "set",
};

static int
bytes_take(json_object *o, uint64_t *bytes, struct err *e)
{
	json_object *v = json_request_member(o, "bytes", json_type_int);
	int64_t n = v != NULL ? json_object_get_int64(v) : 0;

	if (n < (int64_t)CONFIG_MEMORY_MIN || n > (int64_t)CONFIG_MEMORY_MAX ||
	    n % (int64_t)CONFIG_MEMORY_STEP != 0)
		return err_set(e, EPROTO,
		    "\"bytes\" is not a number of them in steps of 2 MiB");
	*bytes = (uint64_t)n;
	return 0;
}

int
request_parse(const uint8_t *json, size_t len, struct request *out,
    struct err *e)
{
	json_object *o;
	unsigned op;
	int ret = 0;

	memset(out, 0, sizeof(*out));
	o = json_request_read(json, len, names, REQUEST_OPS, &op, e);
	if (o == NULL)
		return -1;
	out->op = (enum request_op)op;
	if (out->op == REQUEST_SET)
		ret = bytes_take(o, &out->bytes, e);
	json_object_put(o);
	return ret;
}
