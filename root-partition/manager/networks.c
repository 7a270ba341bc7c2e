/* SPDX-License-Identifier: Apache-2.0 */
/* The client's side of network.sock. */
#include "manager/networks.h"

#include <errno.h>
#include <string.h>

#include "manager/call.h"
#include "manager/json_read.h"
#include "manager/json_write.h"

#define ANSWER_SECONDS 10

static struct call
call_to(const struct tap *tap)
{
	struct call c = { .socket = "network.sock",
		.peer = "the process of the network adapters",
		.seconds = ANSWER_SECONDS };

	if (tap != NULL) {
		c.fds = tap->fds;
		c.fd_count = tap->count;
	}
	return c;
}

static void
network_read(const json_object *o, struct network_state *n)
{
	memset(n, 0, sizeof(*n));
	json_read_number(o, "port", &n->port);
	json_read_text(o, "bridge", n->bridge, sizeof(n->bridge));
	json_read_text(o, "device", n->device, sizeof(n->device));
	json_read_text(o, "mac", n->mac, sizeof(n->mac));
	json_read_text(o, "address", n->address, sizeof(n->address));
	json_read_number(o, "vlan", &n->vlan);
	json_read_number(o, "rate", &n->rate);
	n->spoofing = json_read_bool(o, "spoofing");
	n->up = json_read_bool(o, "up");
	n->used = json_read_bool(o, "used");
	json_read_number(o, "mtu", &n->mtu);
	json_read_number(o, "queues", &n->queues);
	json_read_number(o, "sent_packets", &n->sent_packets);
	json_read_number(o, "sent_bytes", &n->sent_bytes);
	json_read_number(o, "received_packets", &n->received_packets);
	json_read_number(o, "received_bytes", &n->received_bytes);
	json_read_number(o, "dropped", &n->dropped);
	json_read_number(o, "spoofed", &n->spoofed);
}

int
networks_parse(const uint8_t *json, size_t len,
    struct network_state out[CONFIG_NETWORKS_MAX], unsigned *count,
    struct err *e)
{
	AUTO_JSON json_object *o = json_read_object(json, len, e);
	json_object *all;

	*count = 0;
	if (o == NULL || json_read_reply(o, e) < 0)
		return -1;
	if (!json_object_object_get_ex(o, "networks", &all) ||
	    !json_object_is_type(all, json_type_array))
		return err_set(e, EPROTO, "not understood: there are no "
		    "\"networks\" in the answer");
	for (size_t i = 0; i < json_object_array_length(all) &&
	    *count < CONFIG_NETWORKS_MAX; i++) {
		json_object *each = json_object_array_get_idx(all, i);

		if (json_object_is_type(each, json_type_object))
			network_read(each, &out[(*count)++]);
	}
	return 0;
}

int
networks_list(const struct site *site, const char *name,
    struct network_state out[CONFIG_NETWORKS_MAX], unsigned *count,
    struct err *e)
{
	struct call c = call_to(NULL);
	char reply[CALL_REPLY_MAX];
	size_t len;

	if (call_make(site, name, &c, "{\"op\":\"list\"}", reply, &len, e) < 0)
		return -1;
	return networks_parse((const uint8_t *)reply, len, out, count, e);
}

int
networks_attach(const struct site *site, const char *name, const char *text,
    const struct tap *tap, uint64_t *port, struct err *e)
{
	json_object *request = call_request("attach");
	AUTO_JSON json_object *o = NULL;
	struct call c = call_to(tap);

	json_add_text(request, "network", text);
	json_add_number(request, "mtu", tap->mtu);
	o = call_ask(site, name, &c, request, e);
	if (o == NULL)
		return -1;
	if (!json_read_number(o, "port", port))
		return err_set(e, EPROTO,
		    "not understood: there is no \"port\" in the answer");
	return 0;
}

/* Takes over @request, which is about @port. */
static int
ask_port(const struct site *site, const char *name, json_object *request,
    unsigned port, struct err *e)
{
	AUTO_JSON json_object *o = NULL;
	struct call c = call_to(NULL);

	json_add_number(request, "port", port);
	o = call_ask(site, name, &c, request, e);
	return o != NULL ? 0 : -1;
}

int
networks_detach(const struct site *site, const char *name, unsigned port,
    struct err *e)
{
	return ask_port(site, name, call_request("detach"), port, e);
}

int
networks_link(const struct site *site, const char *name, unsigned port,
    bool up, struct err *e)
{
	json_object *request = call_request("link");

	json_add_bool(request, "up", up);
	return ask_port(site, name, request, port, e);
}
