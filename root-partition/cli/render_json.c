/* SPDX-License-Identifier: Apache-2.0 */
/* The same as JSON; its keys are documented in the man page. */
#include <json-c/json.h>
#include <stdlib.h>

#include "cli/render.h"

/* Nobody can go on without memory for a few hundred bytes. */
static json_object *
must(json_object *o)
{
	if (o == NULL)
		abort();
	return o;
}

static json_object *
object_new(void)
{
	return must(json_object_new_object());
}

static json_object *
array_new(void)
{
	return must(json_object_new_array());
}

/* Both take over @value. */
static void
add(json_object *to, const char *key, json_object *value)
{
	if (json_object_object_add(to, key, value) != 0)
		abort();
}

static void
append(json_object *to, json_object *value)
{
	if (json_object_array_add(to, value) != 0)
		abort();
}

static void
add_text(json_object *to, const char *key, const char *value)
{
	add(to, key, must(json_object_new_string(value)));
}

static void
add_number(json_object *to, const char *key, uint64_t value)
{
	add(to, key, must(json_object_new_uint64(value)));
}

static void
add_bool(json_object *to, const char *key, bool value)
{
	add(to, key, must(json_object_new_boolean(value)));
}

/* What is not known has no key. */
static void
add_known(json_object *to, const char *key, uint64_t value)
{
	if (value != 0)
		add_number(to, key, value);
}

static void
print_and_free(FILE *out, json_object *o)
{
	const char *text = json_object_to_json_string_ext(o,
	    JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
	    JSON_C_TO_STRING_NOSLASHESCAPE);

	if (text == NULL)
		abort();
	fprintf(out, "%s\n", text);
	json_object_put(o);
}

static void
add_texts(json_object *to, const char *key, const char *texts, size_t size,
    unsigned count)
{
	json_object *all = array_new();

	for (unsigned i = 0; i < count; i++)
		append(all, must(json_object_new_string(texts + i * size)));
	add(to, key, all);
}

static void
add_known_text(json_object *to, const char *key, const char *value)
{
	if (value[0] != '\0')
		add_text(to, key, value);
}

static void
add_guest(json_object *to, const struct guest_status *g)
{
	json_object *o = object_new();

	add_text(o, "heartbeat", g->heartbeat);
	add_number(o, "missed", g->missed);
	add_texts(o, "services", g->service[0], GUEST_SERVICE_MAX,
	    g->service_count);
	add_known_text(o, "os", g->os);
	add_known_text(o, "kernel", g->kernel);
	add_known_text(o, "fqdn", g->fqdn);
	add_known_text(o, "architecture", g->architecture);
	add_texts(o, "addresses", g->address[0], GUEST_ADDRESS_MAX,
	    g->address_count);
	if (g->has_drift)
		add(o, "drift_ns", must(json_object_new_int64(g->drift_ns)));
	add_bool(o, "frozen", g->frozen);
	add(to, "guest", o);
}

static void
add_memory(json_object *to, const struct memory_state *m)
{
	json_object *o = object_new();

	add_text(o, "driver", m->driver);
	if (m->has_assigned) {
		add_number(o, "assigned", m->assigned);
		add_number(o, "given_up", m->given_up);
	}
	if (m->has_demanded) {
		add_number(o, "demanded", m->demanded);
		add_number(o, "available", m->available);
	}
	add_number(o, "resident", m->resident);
	add_number(o, "min", m->min);
	add_number(o, "max", m->max);
	add(to, "memory_now", o);
}

static json_object *
partition_object(const struct partition *p)
{
	json_object *o = object_new();

	add_text(o, "name", p->name);
	add_text(o, "state", partition_state_name(p->state));
	if (p->reason[0] != '\0')
		add_text(o, "reason", p->reason);
	add_known(o, "pid", p->pid);
	add_known(o, "started", p->started);
	add_known(o, "ended", p->ended);
	if (p->has_guest)
		add_guest(o, &p->guest);
	if (p->has_memory)
		add_memory(o, &p->memory);
	if (!p->config_valid) {
		add_text(o, "config_error", p->config_err.text);
		return o;
	}
	add_number(o, "cpus", p->config.cpus);
	add_number(o, "memory", p->config.memory);
	add_known(o, "memory_min", p->config.memory_min);
	add_known(o, "memory_max", p->config.memory_max);
	add_bool(o, "start_at_boot", p->config.start_at_boot);
	return o;
}

void
list_render_json(FILE *out, const struct partition *p, size_t count)
{
	json_object *all = array_new();

	for (size_t i = 0; i < count; i++)
		append(all, partition_object(&p[i]));
	print_and_free(out, all);
}

static void
add_disks(json_object *to, const struct config *c)
{
	json_object *all = array_new();

	for (unsigned i = 0; i < c->disk_count; i++) {
		const struct config_disk *d = &c->disks[i];
		json_object *o = object_new();

		add_text(o, "path", d->path);
		add_text(o, "format", config_disk_formats[d->format]);
		add_bool(o, "readonly", d->readonly);
		add_text(o, "full", config_disk_fulls[d->full]);
		if (d->id[0] != '\0')
			add_text(o, "id", d->id);
		append(all, o);
	}
	add(to, "disks", all);
}

static void
add_raw_channels(json_object *to, const struct config *c)
{
	json_object *all = array_new();

	for (unsigned i = 0; i < c->channel_count; i++) {
		char name[CONFIG_CHANNEL_NAME_MAX], instance[CONFIG_GUID_MAX];
		json_object *o = object_new();

		config_channel_name(&c->channels[i], i, name);
		config_channel_instance(&c->channels[i], i, instance);
		add_text(o, "name", name);
		add_text(o, "class_id", c->channels[i].class_id);
		add_text(o, "instance_id", instance);
		add_text(o, "user", c->channels[i].user[0] != '\0' ?
		    c->channels[i].user : "root");
		append(all, o);
	}
	add(to, "channels", all);
}

static void
add_published(json_object *to, const struct config_network *n)
{
	json_object *all = array_new();

	for (unsigned i = 0; i < n->publish_count; i++) {
		char text[CONFIG_PUBLISH_TEXT_MAX];

		config_publish_print(&n->publish[i], text);
		append(all, json_object_new_string(text));
	}
	add(to, "publish", all);
}

static void
add_networks(json_object *to, const struct partition *p)
{
	json_object *all = array_new();

	for (unsigned i = 0; i < p->config.network_count; i++) {
		const struct config_network *n = &p->config.networks[i];
		char text[CONFIG_MAC_TEXT_MAX];
		uint8_t mac[CONFIG_MAC_SIZE];
		json_object *o = object_new();

		config_network_mac(n, p->name, i, mac);
		config_mac_format(mac, text);
		add_text(o, "bridge", n->bridge);
		add_text(o, "mac", text);
		if (n->vlan != 0)
			add_number(o, "vlan", n->vlan);
		if (n->rate != 0)
			add_number(o, "rate", n->rate);
		add_bool(o, "spoofing", n->spoofing);
		add_published(o, n);
		append(all, o);
	}
	add(to, "networks", all);
}

void
info_render_json(FILE *out, const struct partition *p, const char *file)
{
	json_object *o = partition_object(p);

	add_text(o, "file", file);
	if (p->config_valid) {
		const struct config *c = &p->config;

		add_bool(o, "from_disk", c->from_disk);
		if (!c->from_disk)
			add_text(o, "kernel", c->kernel);
		if (!c->from_disk && c->initrd[0] != '\0')
			add_text(o, "initrd", c->initrd);
		add_text(o, "cmdline", c->cmdline);
		add_text(o, "console", config_console_name(c->console));
		add_bool(o, "integration", c->integration);
		add_bool(o, "sockets", c->sockets);
		add_bool(o, "keyboard", c->keyboard);
		add_disks(o, c);
		add_networks(o, p);
		add_raw_channels(o, c);
	}
	print_and_free(out, o);
}

static json_object *
vp_object(const struct vp_stats *vp)
{
	json_object *o = object_new(), *exits = object_new();

	add_number(o, "index", vp->index);
	add_number(o, "run_time_ns", vp->run_time_ns);
	add_number(o, "hypercalls", vp->hypercalls);
	for (unsigned i = 0; i < vp->exit_kinds; i++)
		add_number(exits, vp->exits[i].name, vp->exits[i].count);
	add(o, "exits", exits);
	return o;
}

void
stats_render_json(FILE *out, const char *name,
    const struct partition_stats *s)
{
	json_object *o = object_new(), *vps = array_new();

	add_text(o, "name", name);
	add_number(o, "memory", s->memory);
	if (s->has_resident)
		add_number(o, "resident", s->resident);
	if (s->has_demanded) {
		add_number(o, "demanded", s->demanded);
		add_number(o, "available", s->available);
	}
	if (s->has_deposited)
		add_number(o, "deposited", s->deposited);
	if (s->has_in_use)
		add_number(o, "in_use", s->in_use);
	for (unsigned i = 0; i < s->vps; i++)
		append(vps, vp_object(&s->vp[i]));
	add(o, "vps", vps);
	print_and_free(out, o);
}

static json_object *
disk_object(const struct disk_state *d)
{
	json_object *o = object_new();

	add_number(o, "lun", d->lun);
	add_text(o, "path", d->path);
	add_text(o, "format", d->format);
	add_text(o, "id", d->id);
	add_bool(o, "readonly", d->readonly);
	add_number(o, "size", d->size);
	add_number(o, "waiting", d->waiting);
	add_number(o, "reads", d->reads);
	add_number(o, "read_bytes", d->read_bytes);
	add_number(o, "writes", d->writes);
	add_number(o, "written_bytes", d->written_bytes);
	add_number(o, "flushes", d->flushes);
	add_number(o, "discards", d->discards);
	add_number(o, "errors", d->errors);
	return o;
}

void
disks_render_json(FILE *out, const struct disk_state *d, unsigned count)
{
	json_object *all = array_new();

	for (unsigned i = 0; i < count; i++)
		append(all, disk_object(&d[i]));
	print_and_free(out, all);
}

static json_object *
flow_object(const struct channel_flow *f)
{
	json_object *o = object_new();

	add_number(o, "size", f->size);
	if (!f->broken)
		add_number(o, "fill", f->fill);
	add_number(o, "packets", f->packets);
	add_number(o, "bytes", f->bytes);
	add_number(o, "signals", f->signals);
	return o;
}

static json_object *
channel_object(const struct channel_state *c)
{
	char class[CHANNEL_CLASS_MAX];
	json_object *o = object_new();

	channel_class_name(c, class);
	add_number(o, "id", c->relid);
	add_text(o, "class", class);
	add_text(o, "class_id", c->class_id);
	add_text(o, "instance_id", c->instance_id);
	add_number(o, "sub_channel", c->sub_channel);
	if (c->has_vp)
		add_number(o, "vp", c->vp);
	add(o, "from_guest", flow_object(&c->from_guest));
	add(o, "to_guest", flow_object(&c->to_guest));
	add_number(o, "full", c->full);
	return o;
}

void
channels_render_json(FILE *out, const struct channel_state *c, unsigned count)
{
	json_object *all = array_new();

	for (unsigned i = 0; i < count; i++)
		append(all, channel_object(&c[i]));
	print_and_free(out, all);
}

static json_object *
network_object(const struct network_state *n)
{
	json_object *o = object_new();

	add_number(o, "port", n->port);
	add_text(o, "bridge", n->bridge);
	add_text(o, "device", n->device);
	add_text(o, "mac", n->mac);
	if (n->address[0] != '\0')
		add_text(o, "address", n->address);
	if (n->vlan != 0)
		add_number(o, "vlan", n->vlan);
	if (n->rate != 0)
		add_number(o, "rate", n->rate);
	add_bool(o, "spoofing", n->spoofing);
	add_bool(o, "up", n->up);
	add_bool(o, "used", n->used);
	add_number(o, "mtu", n->mtu);
	add_number(o, "queues", n->queues);
	add_number(o, "sent_packets", n->sent_packets);
	add_number(o, "sent_bytes", n->sent_bytes);
	add_number(o, "received_packets", n->received_packets);
	add_number(o, "received_bytes", n->received_bytes);
	add_number(o, "dropped", n->dropped);
	add_number(o, "spoofed", n->spoofed);
	return o;
}

void
networks_render_json(FILE *out, const struct network_state *n,
    unsigned count)
{
	json_object *all = array_new();

	for (unsigned i = 0; i < count; i++)
		append(all, network_object(&n[i]));
	print_and_free(out, all);
}

void
versions_render_json(FILE *out, const struct versions *v)
{
	json_object *o = object_new();

	add_text(o, "mullion", v->mullion);
	add_text(o, "build", v->build);
	if (v->hypervisor[0] != '\0')
		add_text(o, "hypervisor", v->hypervisor);
	print_and_free(out, o);
}
