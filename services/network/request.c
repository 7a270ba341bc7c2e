/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers as JSON; who sends requests is not trusted. */
#include "network/request.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define DEPTH_MAX 4

static const char *const names[REQUEST_OPS] = {
	[REQUEST_LIST] = "list",
	[REQUEST_STATS] = "stats",
	[REQUEST_ATTACH] = "attach",
	[REQUEST_DETACH] = "detach",
	[REQUEST_LINK] = "link",
};

/* NULL: it is not there, or of another type. */
static json_object *
member(json_object *o, const char *key, enum json_type type)
{
	json_object *v;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, type))
		return NULL;
	return v;
}

static int
op_take(json_object *o, enum request_op *out, struct err *e)
{
	json_object *op = member(o, "op", json_type_string);
	const char *text;

	if (op == NULL)
		return err_set(e, EPROTO,
		    "not understood: {\"op\":\"...\"} is expected");
	text = json_object_get_string(op);
	for (unsigned i = 0; i < REQUEST_OPS; i++)
		if (strcmp(text, names[i]) == 0) {
			*out = (enum request_op)i;
			return 0;
		}
	return err_set(e, EPROTO, "not understood: op \"%.40s\"", text);
}

static int
port_take(json_object *o, struct request_asked *r, struct err *e)
{
	json_object *v = member(o, "port", json_type_int);

	if (v == NULL || json_object_get_int64(v) < 0 ||
	    json_object_get_int64(v) >= CONFIG_NETWORKS_MAX)
		return err_set(e, EPROTO,
		    "\"port\" is not a number from 0 to %d",
		    CONFIG_NETWORKS_MAX - 1);
	r->port = (unsigned)json_object_get_int64(v);
	return 0;
}

static int
arguments_take(json_object *o, struct request_asked *r, struct err *e)
{
	json_object *v;

	switch (r->op) {
	case REQUEST_ATTACH:
		v = member(o, "network", json_type_string);
		if (v == NULL)
			return err_set(e, EPROTO, "\"network\" is missing");
		return config_network_parse(json_object_get_string(v),
		    &r->network, e);
	case REQUEST_DETACH:
		return port_take(o, r, e);
	case REQUEST_LINK:
		v = member(o, "up", json_type_boolean);
		if (v == NULL)
			return err_set(e, EPROTO, "\"up\" is missing");
		r->up = json_object_get_boolean(v);
		return port_take(o, r, e);
	default:
		return 0;
	}
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
		ret = arguments_take(o, out, e);
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
reply_done(unsigned port, char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_object_new_object();

	add_bool(o, "ok", true);
	add_number(o, "port", port);
	return finish(o, out);
}

size_t
reply_refused(const struct err *e, char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_object_new_object();

	add_bool(o, "ok", false);
	add_text(o, "error", e->text);
	return finish(o, out);
}

static json_object *
port_object(const struct port *p, unsigned number)
{
	json_object *o = json_object_new_object();
	char mac[CONFIG_MAC_TEXT_MAX];

	config_mac_format(p->adapter.config.mac, mac);
	add_number(o, "port", number);
	add_text(o, "bridge", config_network_device(&p->config));
	add_text(o, "device", p->tap.name);
	add_text(o, "mac", mac);
	if (p->config.vlan != 0)
		add_number(o, "vlan", p->config.vlan);
	if (p->config.rate != 0)
		add_number(o, "rate", p->config.rate);
	add_bool(o, "spoofing", p->config.spoofing);
	add_bool(o, "up", p->adapter.link_up);
	/* Whether the guest has brought its interface up. */
	add_bool(o, "used", p->adapter.filter != 0);
	add_number(o, "mtu", p->tap.mtu);
	add_number(o, "queues", p->adapter.granted + 1);
	return o;
}

size_t
reply_list(struct port *const ports[CONFIG_NETWORKS_MAX],
    char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_object_new_object();
	json_object *all = json_object_new_array();

	for (unsigned i = 0; i < CONFIG_NETWORKS_MAX; i++)
		if (ports[i] != NULL)
			json_object_array_add(all, port_object(ports[i], i));
	add_bool(o, "ok", true);
	json_object_object_add(o, "networks", all);
	return finish(o, out);
}

static json_object *
queue_object(const struct adapter_queue *q, unsigned port, unsigned number)
{
	const struct adapter_stats *s = &q->stats;
	json_object *o = json_object_new_object();

	add_number(o, "port", port);
	add_number(o, "queue", number);
	add_bool(o, "open", q->open);
	add_number(o, "sent_packets", s->sent_packets);
	add_number(o, "sent_bytes", s->sent_bytes);
	add_number(o, "sent_malformed", s->sent_malformed);
	add_number(o, "sent_spoofed", s->sent_spoofed);
	add_number(o, "sent_refused", s->sent_refused);
	add_number(o, "received_packets", s->received_packets);
	add_number(o, "received_bytes", s->received_bytes);
	add_number(o, "received_filtered", s->received_filtered);
	add_number(o, "received_dropped", s->received_dropped);
	add_number(o, "bad_messages", s->bad_messages);
	return o;
}

size_t
reply_stats(struct port *const ports[CONFIG_NETWORKS_MAX],
    char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_object_new_object();
	json_object *all = json_object_new_array();

	for (unsigned i = 0; i < CONFIG_NETWORKS_MAX; i++)
		for (unsigned n = 0; ports[i] != NULL &&
		    n < ports[i]->adapter.config.queues; n++)
			json_object_array_add(all, queue_object(
			    &ports[i]->adapter.queues[n], i, n));
	add_bool(o, "ok", true);
	json_object_object_add(o, "queues", all);
	return finish(o, out);
}
