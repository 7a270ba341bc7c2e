/* SPDX-License-Identifier: Apache-2.0 */
/* Asking the worker for channels, some at a time. */
#include "manager/channels.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "manager/call.h"
#include "manager/control.h"
#include "manager/json_read.h"

/* Behind the port's eight digits, a service of hv_sock. */
#define SOCKET_TAIL "-facb-11e6-bd58-64006a7986d3"
#define SOCKET_DIGITS 8

static const struct {
	const char *guid;
	const char *name;
} classes[] = {
	{ "f8615163-df3e-46c5-913f-f2d2f965ed0e", "network" },
	{ "ba6163d9-04a1-4d29-b605-72e2ffb1dc7f", "scsi" },
	{ "0e0b6031-5213-4934-818b-38d90ced39db", "shutdown" },
	{ "9527e630-d0ae-497b-adce-e80ab0175caf", "timesync" },
	{ "57164f39-9115-4e78-ab55-382f3bd5422d", "heartbeat" },
	{ "a9a0f4e7-5a45-4d96-b827-8a841e8c03e6", "kvp" },
	{ "35fa2e29-ea23-4236-96ae-3a6ebacba440", "vss" },
	{ "34d14be3-dee4-41c8-9ae7-6b174977c192", "fcopy" },
	{ "525074dc-8985-46e2-8057-a307dc18a502", "memory" },
	{ "f912ad6d-2b17-48ea-bd65-f927a61c7684", "keyboard" },
};

void
channel_class_name(const struct channel_state *c, char out[CHANNEL_CLASS_MAX])
{
	uint32_t port;

	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (strcmp(classes[i].guid, c->class_id) == 0) {
			strcpy(out, classes[i].name);
			return;
		}
	strcpy(out, "raw");
	if (strlen(c->class_id) == CHANNEL_GUID_MAX - 1 &&
	    strcmp(c->class_id + SOCKET_DIGITS, SOCKET_TAIL) == 0 &&
	    sscanf(c->class_id, "%8" SCNx32, &port) == 1)
		snprintf(out, CHANNEL_CLASS_MAX, "socket %" PRIu32, port);
}

static void
flow_read(const json_object *channel, const char *key,
    struct channel_flow *out)
{
	json_object *o;

	if (!json_object_object_get_ex(channel, key, &o) ||
	    !json_object_is_type(o, json_type_object))
		return;
	json_read_number(o, "size", &out->size);
	json_read_number(o, "packets", &out->packets);
	json_read_number(o, "bytes", &out->bytes);
	json_read_number(o, "signals", &out->signals);
	out->broken = !json_read_number(o, "fill", &out->fill);
}

static void
channel_read(const json_object *o, struct channel_state *c)
{
	memset(c, 0, sizeof(*c));
	json_read_number(o, "relid", &c->relid);
	json_read_number(o, "sub_channel", &c->sub_channel);
	json_read_number(o, "full", &c->full);
	c->has_vp = json_read_number(o, "vp", &c->vp);
	json_read_text(o, "class", c->class_id, sizeof(c->class_id));
	json_read_text(o, "instance", c->instance_id,
	    sizeof(c->instance_id));
	flow_read(o, "from_guest", &c->from_guest);
	flow_read(o, "to_guest", &c->to_guest);
}

int
channels_parse(const uint8_t *json, size_t len,
    struct channel_state out[CHANNELS_MAX], unsigned *count, bool *more,
    struct err *e)
{
	AUTO_JSON json_object *o = json_read_object(json, len, e);
	json_object *all, *v;

	*more = false;
	if (o == NULL || json_read_reply(o, e) < 0)
		return -1;
	if (!json_object_object_get_ex(o, "channels", &all) ||
	    !json_object_is_type(all, json_type_array))
		return err_set(e, EPROTO, "not understood: there are no "
		    "\"channels\" in the answer");
	for (size_t i = 0; i < json_object_array_length(all) &&
	    *count < CHANNELS_MAX; i++) {
		json_object *each = json_object_array_get_idx(all, i);

		if (json_object_is_type(each, json_type_object))
			channel_read(each, &out[(*count)++]);
	}
	*more = json_object_object_get_ex(o, "more", &v) &&
	    json_object_is_type(v, json_type_boolean) &&
	    json_object_get_boolean(v);
	return 0;
}

int
channels_list(const struct site *site, const char *name,
    struct channel_state out[CHANNELS_MAX], unsigned *count, struct err *e)
{
	static const struct call worker = {
		.socket = "control.sock",
		.peer = "the worker",
		.seconds = CONTROL_TIMEOUT_MS / 1000,
	};
	char request[64], reply[CALL_REPLY_MAX];
	uint64_t from = 0;
	bool more = true;
	size_t len;

	*count = 0;
	while (more && *count < CHANNELS_MAX) {
		unsigned had = *count;

		snprintf(request, sizeof(request),
		    "{\"op\":\"channels\",\"from\":%" PRIu64 "}", from);
		if (call_make(site, name, &worker, request, reply, &len,
		    e) < 0 || channels_parse((const uint8_t *)reply, len, out,
		    count, &more, e) < 0)
			return -1;
		/* Who has more to say says something. */
		if (*count == had || out[*count - 1].relid < from)
			return 0;
		from = out[*count - 1].relid + 1;
	}
	return 0;
}
