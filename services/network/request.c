/* SPDX-License-Identifier: Apache-2.0 */
/* Requests and answers as JSON; who sends requests is not trusted. */
#include "network/request.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "manager/json_request.h"
#include "manager/json_write.h"

static const char *const names[REQUEST_OPS] = {
	[REQUEST_LIST] = "list",
	[REQUEST_STATS] = "stats",
	[REQUEST_ATTACH] = "attach",
	[REQUEST_DETACH] = "detach",
	[REQUEST_LINK] = "link",
};

static int
number_take(json_object *o, const char *key, unsigned low, unsigned high,
    unsigned *to, struct err *e)
{
	json_object *v = json_request_member(o, key, json_type_int);

	if (v == NULL || json_object_get_int64(v) < (int64_t)low ||
	    json_object_get_int64(v) > (int64_t)high)
		return err_set(e, EPROTO,
		    "\"%s\" is not a number from %u to %u", key, low, high);
	*to = (unsigned)json_object_get_int64(v);
	return 0;
}

static int
port_take(json_object *o, struct request_asked *r, struct err *e)
{
	return number_take(o, "port", 0, CONFIG_NETWORKS_MAX - 1, &r->port,
	    e);
}

static int
network_take(json_object *o, struct request_asked *r, struct err *e)
{
	json_object *v = json_request_member(o, "network", json_type_string);

	if (v == NULL)
		return err_set(e, EPROTO, "\"network\" is missing");
	if (number_take(o, "mtu", ADAPTER_MTU_MIN, ADAPTER_MTU_MAX, &r->mtu,
	    e) < 0)
		return -1;
	return config_network_parse(json_object_get_string(v), &r->network,
	    e);
}

static int
arguments_take(json_object *o, struct request_asked *r, struct err *e)
{
	json_object *v;

	switch (r->op) {
	case REQUEST_ATTACH:
		return network_take(o, r, e);
	case REQUEST_DETACH:
		return port_take(o, r, e);
	case REQUEST_LINK:
		v = json_request_member(o, "up", json_type_boolean);
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
	json_object *o;
	unsigned op;
	int ret;

	memset(out, 0, sizeof(*out));
	o = json_request_read(json, len, names, REQUEST_OPS, &op, e);
	if (o == NULL)
		return -1;
	out->op = (enum request_op)op;
	ret = arguments_take(o, out, e);
	json_object_put(o);
	return ret;
}

size_t
reply_done(unsigned port, char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_answer(true);

	json_add_number(o, "port", port);
	return json_print(o, out, REQUEST_REPLY_MAX);
}

size_t
reply_refused(const struct err *e, char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_answer(false);

	json_add_text(o, "error", e->text);
	return json_print(o, out, REQUEST_REPLY_MAX);
}

static struct adapter_stats
stats_sum(const struct adapter *a)
{
	struct adapter_stats all = { .bad_messages = 0 };

	for (unsigned i = 0; i < a->config.queues; i++) {
		const struct adapter_stats *s = &a->queues[i].stats;

		all.sent_packets += s->sent_packets;
		all.sent_bytes += s->sent_bytes;
		all.sent_malformed += s->sent_malformed;
		all.sent_spoofed += s->sent_spoofed;
		all.sent_refused += s->sent_refused;
		all.received_packets += s->received_packets;
		all.received_bytes += s->received_bytes;
		all.received_dropped += s->received_dropped;
	}
	return all;
}

static json_object *
port_object(const struct port *p, unsigned number)
{
	json_object *o = json_object_new_object();
	struct adapter_stats s = stats_sum(&p->adapter);
	const uint8_t *ip = p->adapter.address;
	char mac[CONFIG_MAC_TEXT_MAX], address[16];

	config_mac_format(p->adapter.config.mac, mac);
	json_add_number(o, "port", number);
	json_add_text(o, "bridge", config_network_device(&p->config));
	json_add_text(o, "device", p->tap.name);
	json_add_text(o, "mac", mac);
	if (memcmp(ip, (const uint8_t[ADDRESS_SIZE]){ 0 }, ADDRESS_SIZE) != 0) {
		snprintf(address, sizeof(address), "%u.%u.%u.%u", ip[0], ip[1],
		    ip[2], ip[3]);
		json_add_text(o, "address", address);
	}
	if (p->config.vlan != 0)
		json_add_number(o, "vlan", p->config.vlan);
	if (p->config.rate != 0)
		json_add_number(o, "rate", p->config.rate);
	json_add_bool(o, "spoofing", p->config.spoofing);
	json_add_bool(o, "up", p->adapter.link_up);
	/* Whether the guest has brought its interface up. */
	json_add_bool(o, "used", p->adapter.filter != 0);
	json_add_number(o, "mtu", p->tap.mtu);
	json_add_number(o, "queues", p->adapter.granted + 1);
	json_add_number(o, "sent_packets", s.sent_packets);
	json_add_number(o, "sent_bytes", s.sent_bytes);
	json_add_number(o, "received_packets", s.received_packets);
	json_add_number(o, "received_bytes", s.received_bytes);
	json_add_number(o, "dropped", s.sent_malformed + s.sent_spoofed +
	    s.sent_refused + s.received_dropped);
	json_add_number(o, "spoofed", s.sent_spoofed);
	return o;
}

size_t
reply_list(struct port *const ports[CONFIG_NETWORKS_MAX],
    char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_answer(true);
	json_object *all = json_object_new_array();

	for (unsigned i = 0; i < CONFIG_NETWORKS_MAX; i++)
		if (ports[i] != NULL)
			json_object_array_add(all, port_object(ports[i], i));
	json_object_object_add(o, "networks", all);
	return json_print(o, out, REQUEST_REPLY_MAX);
}

static json_object *
queue_object(const struct adapter_queue *q, unsigned port, unsigned number)
{
	const struct adapter_stats *s = &q->stats;
	json_object *o = json_object_new_object();

	json_add_number(o, "port", port);
	json_add_number(o, "queue", number);
	json_add_bool(o, "open", q->open);
	json_add_number(o, "sent_packets", s->sent_packets);
	json_add_number(o, "sent_bytes", s->sent_bytes);
	json_add_number(o, "sent_malformed", s->sent_malformed);
	json_add_number(o, "sent_spoofed", s->sent_spoofed);
	json_add_number(o, "sent_refused", s->sent_refused);
	json_add_number(o, "received_packets", s->received_packets);
	json_add_number(o, "received_bytes", s->received_bytes);
	json_add_number(o, "received_filtered", s->received_filtered);
	json_add_number(o, "received_dropped", s->received_dropped);
	json_add_number(o, "bad_messages", s->bad_messages);
	return o;
}

size_t
reply_stats(struct port *const ports[CONFIG_NETWORKS_MAX],
    char out[REQUEST_REPLY_MAX])
{
	json_object *o = json_answer(true);
	json_object *all = json_object_new_array();

	for (unsigned i = 0; i < CONFIG_NETWORKS_MAX; i++)
		for (unsigned n = 0; ports[i] != NULL &&
		    n < ports[i]->adapter.config.queues; n++)
			json_object_array_add(all, queue_object(
			    &ports[i]->adapter.queues[n], i, n));
	json_object_object_add(o, "queues", all);
	return json_print(o, out, REQUEST_REPLY_MAX);
}
