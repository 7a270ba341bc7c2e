/* SPDX-License-Identifier: Apache-2.0 */
/* Tables and lines for people. */
#include "cli/render.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "manager/size.h"

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)

void
short_size_format(uint64_t bytes, char out[SHORT_SIZE_MAX])
{
	static const char units[] = "KMGTPE";
	uint64_t tenths;
	unsigned unit = 0;

	if (bytes < 1024) {
		snprintf(out, SHORT_SIZE_MAX, "%" PRIu64, bytes);
		return;
	}
	while (bytes >= 1024 * 1024) {
		bytes /= 1024;
		unit++;
	}
	tenths = bytes * 10 / 1024;
	if (tenths % 10 == 0)
		snprintf(out, SHORT_SIZE_MAX, "%" PRIu64 "%c", tenths / 10,
		    units[unit]);
	else
		snprintf(out, SHORT_SIZE_MAX, "%" PRIu64 ".%" PRIu64 "%c",
		    tenths / 10, tenths % 10, units[unit]);
}

void
time_format(uint64_t seconds, char out[TIME_TEXT_MAX])
{
	time_t t = (time_t)seconds;
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL ||
	    strftime(out, TIME_TEXT_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0)
		snprintf(out, TIME_TEXT_MAX, "%" PRIu64, seconds);
}

/* The last column: why it is so, or what is wrong with its file. */
static void
list_note(FILE *out, const struct partition *p)
{
	if (!p->config_valid)
		fprintf(out, "configuration: %s", p->config_err.text);
	else
		fputs(p->reason, out);
}

static void
list_row(FILE *out, const struct partition *p, int width)
{
	char memory[SIZE_TEXT_MAX] = "-", demanded[SHORT_SIZE_MAX] = "-";
	char cpus[16] = "-";

	if (p->config_valid) {
		size_format(p->config.memory, memory);
		snprintf(cpus, sizeof(cpus), "%u", p->config.cpus);
	}
	if (p->has_memory && p->memory.has_assigned)
		short_size_format(p->memory.assigned, memory);
	if (p->has_memory && p->memory.has_demanded)
		short_size_format(p->memory.demanded, demanded);
	fprintf(out, "%-*s  %-8s  %4s  %6s  %6s  %-4s  %-5s  %-15s  ", width,
	    p->name, partition_state_name(p->state), cpus, memory, demanded,
	    !p->config_valid	      ? "-"
	    : p->config.start_at_boot ? "yes"
				      : "no",
	    p->has_guest ? p->guest.heartbeat : "-",
	    p->guest.address_count > 0 ? p->guest.address[0] : "-");
	list_note(out, p);
	fputc('\n', out);
}

void
list_render(FILE *out, const struct partition *p, size_t count)
{
	int width = 4;

	for (size_t i = 0; i < count; i++)
		if ((int)strlen(p[i].name) > width)
			width = (int)strlen(p[i].name);
	fprintf(out, "%-*s  %-8s  %4s  %6s  %6s  %-4s  %-5s  %-15s  %s\n",
	    width, "NAME", "STATE", "CPUS", "MEMORY", "DEMAND", "BOOT",
	    "HEART", "ADDRESS", "NOTE");
	for (size_t i = 0; i < count; i++)
		list_row(out, &p[i], width);
}

static void
info_line(FILE *out, const char *what, const char *value)
{
	fprintf(out, "%-14s %s\n", what, value);
}

static void
info_time(FILE *out, const char *what, uint64_t seconds)
{
	char text[TIME_TEXT_MAX];

	if (seconds == 0)
		return;
	time_format(seconds, text);
	info_line(out, what, text);
}

/* One that was not said is none. */
static void
info_limit(FILE *out, const char *what, uint64_t bytes)
{
	char text[SIZE_TEXT_MAX];

	if (bytes == 0)
		return;
	size_format(bytes, text);
	info_line(out, what, text);
}

static void
info_size(FILE *out, const char *what, uint64_t bytes)
{
	char text[SHORT_SIZE_MAX];

	short_size_format(bytes, text);
	info_line(out, what, text);
}

static void
info_memory(FILE *out, const struct memory_state *m)
{
	if (m->has_assigned)
		info_size(out, "assigned", m->assigned);
	if (m->has_demanded) {
		info_size(out, "demanded", m->demanded);
		info_size(out, "available", m->available);
	}
	info_size(out, "resident", m->resident);
	if (strcmp(m->driver, "ready") != 0)
		info_line(out, "memory driver", m->driver);
}

static void
info_config(FILE *out, const struct config *c)
{
	char memory[SIZE_TEXT_MAX];

	size_format(c->memory, memory);
	fprintf(out, "%-14s %u\n", "cpus", c->cpus);
	info_line(out, "memory", memory);
	info_limit(out, "memory-min", c->memory_min);
	info_limit(out, "memory-max", c->memory_max);
	if (c->from_disk) {
		info_line(out, "kernel", "from its disk");
	} else {
		info_line(out, "kernel", c->kernel);
		info_line(out, "initrd",
		    c->initrd[0] != '\0' ? c->initrd : "none");
	}
	info_line(out, "cmdline", c->cmdline);
	info_line(out, "console", config_console_name(c->console));
	info_line(out, "start-at-boot", c->start_at_boot ? "yes" : "no");
	if (!c->integration)
		info_line(out, "integration", "no");
	if (!c->sockets)
		info_line(out, "sockets", "no");
	if (c->keyboard)
		info_line(out, "keyboard", "yes");
	for (unsigned i = 0; i < c->disk_count; i++) {
		char text[CONFIG_DISK_TEXT_MAX];

		config_disk_print(&c->disks[i], text);
		info_line(out, "disk", text);
	}
	for (unsigned i = 0; i < c->network_count; i++) {
		char text[CONFIG_NETWORK_TEXT_MAX];

		config_network_print(&c->networks[i], text);
		info_line(out, "network", text);
	}
	for (unsigned i = 0; i < c->channel_count; i++) {
		char text[CONFIG_CHANNEL_TEXT_MAX];

		config_channel_print(&c->channels[i], text);
		info_line(out, "channel", text);
	}
}

static void
info_known(FILE *out, const char *what, const char *value)
{
	if (value[0] != '\0')
		info_line(out, what, value);
}

/* In milliseconds: more than that is told of is noise. */
static void
info_drift(FILE *out, int64_t ns)
{
	uint64_t us = (uint64_t)(ns < 0 ? -(ns + 1) : ns) / NS_PER_US;

	fprintf(out, "%-14s %s%" PRIu64 ".%03" PRIu64 " ms\n", "clock drift",
	    ns < 0 ? "-" : "", us / 1000, us % 1000);
}

static void
info_guest(FILE *out, const struct partition *p)
{
	const struct guest_status *g = &p->guest;

	if (p->has_guest)
		info_line(out, "heartbeat", g->heartbeat);
	info_known(out, "guest os", g->os);
	info_known(out, "guest kernel", g->kernel);
	info_known(out, "guest name", g->fqdn);
	for (unsigned i = 0; i < g->address_count; i++)
		info_line(out, "address", g->address[i]);
	if (g->has_drift)
		info_drift(out, g->drift_ns);
	if (g->frozen)
		info_line(out, "file systems", "frozen");
}

void
info_render(FILE *out, const struct partition *p, const char *file)
{
	info_line(out, "name", p->name);
	info_line(out, "state", partition_state_name(p->state));
	if (p->reason[0] != '\0')
		info_line(out, "reason", p->reason);
	info_time(out, "started", p->started);
	info_time(out, "ended", p->ended);
	if (p->pid != 0)
		fprintf(out, "%-14s %" PRIu64 "\n", "worker pid", p->pid);
	info_guest(out, p);
	if (p->has_memory)
		info_memory(out, &p->memory);
	info_line(out, "file", file);
	if (p->config_valid)
		info_config(out, &p->config);
	else
		info_line(out, "wrong in it", p->config_err.text);
}

static void
vp_render(FILE *out, const struct vp_stats *vp)
{
	uint64_t exits = 0, ms = vp->run_time_ns / NS_PER_MS;

	for (unsigned i = 0; i < vp->exit_kinds; i++)
		exits += vp->exits[i].count;
	fprintf(out,
	    "VP %-3" PRIu64 " run time %" PRIu64 ".%03" PRIu64 " s, %" PRIu64
	    " exits, %" PRIu64 " hypercalls\n",
	    vp->index, ms / 1000, ms % 1000, exits, vp->hypercalls);
	for (unsigned i = 0; i < vp->exit_kinds; i++)
		if (vp->exits[i].count != 0)
			fprintf(out, "       %-23s %12" PRIu64 "\n",
			    vp->exits[i].name, vp->exits[i].count);
}

static void
stats_pressure(FILE *out, const struct partition_stats *s)
{
	char text[SHORT_SIZE_MAX];

	if (s->has_resident) {
		short_size_format(s->resident, text);
		fprintf(out, ", %s of it resident", text);
	}
	if (s->has_demanded) {
		short_size_format(s->demanded, text);
		fprintf(out, ", %s demanded", text);
		short_size_format(s->available, text);
		fprintf(out, ", %s available", text);
	}
	fputc('\n', out);
}

void
stats_render(FILE *out, const char *name, const struct partition_stats *s)
{
	char text[SHORT_SIZE_MAX];

	short_size_format(s->memory, text);
	fprintf(out, "%s: %u VP%s, %s of guest memory", name, s->vps,
	    s->vps == 1 ? "" : "s", text);
	stats_pressure(out, s);
	fputs("memory of the hypervisor: ", out);
	if (s->has_deposited) {
		short_size_format(s->deposited, text);
		fprintf(out, "%s deposited", text);
	} else {
		fputs("deposits not known", out);
	}
	if (s->has_in_use) {
		short_size_format(s->in_use, text);
		fprintf(out, ", %s of it in use", text);
	}
	fputc('\n', out);
	for (unsigned i = 0; i < s->vps; i++)
		vp_render(out, &s->vp[i]);
}

static void
disk_row(FILE *out, const struct disk_state *d)
{
	char size[SHORT_SIZE_MAX], got[SHORT_SIZE_MAX], put[SHORT_SIZE_MAX];

	short_size_format(d->size, size);
	short_size_format(d->read_bytes, got);
	short_size_format(d->written_bytes, put);
	fprintf(out, "%3" PRIu64 "  %6s  %-6s  %-10s  %6s  %7s  %s",
	    d->lun, size, d->format, d->readonly ? "read-only" : "read-write",
	    got, put, d->path);
	if (d->waiting != 0)
		fprintf(out, " (%" PRIu64 " writes wait for space)",
		    d->waiting);
	if (d->errors != 0)
		fprintf(out, " (%" PRIu64 " errors)", d->errors);
	fputc('\n', out);
}

void
disks_render(FILE *out, const struct disk_state *d, unsigned count)
{
	fprintf(out, "LUN  %6s  FORMAT  ACCESS      %6s  %7s  FILE\n", "SIZE",
	    "READ", "WRITTEN");
	for (unsigned i = 0; i < count; i++)
		disk_row(out, &d[i]);
}

static void
flow_row(FILE *out, const char *direction, const struct channel_flow *f)
{
	char size[SHORT_SIZE_MAX], bytes[SHORT_SIZE_MAX], fill[SHORT_SIZE_MAX];

	short_size_format(f->size, size);
	short_size_format(f->bytes, bytes);
	if (f->broken)
		strcpy(fill, "broken");
	else
		short_size_format(f->fill, fill);
	fprintf(out, "%-10s  %6s  %6s  %10" PRIu64 "  %6s  %10" PRIu64,
	    direction, size, fill, f->packets, bytes, f->signals);
}

static void
channel_rows(FILE *out, const struct channel_state *c)
{
	char class[CHANNEL_CLASS_MAX], vp[SHORT_SIZE_MAX] = "-";

	channel_class_name(c, class);
	if (c->has_vp)
		snprintf(vp, sizeof(vp), "%" PRIu64, c->vp);
	fprintf(out, "%4" PRIu64 "  %-16s  %3s  ", c->relid, class, vp);
	flow_row(out, "from guest", &c->from_guest);
	fprintf(out, "  %s\n%29s", c->instance_id, "");
	flow_row(out, "to guest", &c->to_guest);
	fputc('\n', out);
}

void
channels_render(FILE *out, const struct channel_state *c, unsigned count)
{
	fprintf(out, "  ID  %-16s  %3s  %-10s  %6s  %6s  %10s  %6s  %10s  "
	    "INSTANCE\n", "CLASS", "VP", "DIRECTION", "RING", "FILL",
	    "PACKETS", "BYTES", "SIGNALS");
	for (unsigned i = 0; i < count; i++)
		channel_rows(out, &c[i]);
}

static void
network_row(FILE *out, const struct network_state *n)
{
	char vlan[24] = "-", got[SHORT_SIZE_MAX], put[SHORT_SIZE_MAX];

	short_size_format(n->received_bytes, got);
	short_size_format(n->sent_bytes, put);
	if (n->vlan != 0)
		snprintf(vlan, sizeof(vlan), "%" PRIu64, n->vlan);
	fprintf(out, "%4" PRIu64 "  %-15s  %-17s  %-15s  %4s  %-4s  %4" PRIu64
	    "  %6" PRIu64 "  %8s  %6s", n->port, n->bridge, n->mac,
	    n->address[0] != '\0' ? n->address : "-", vlan,
	    n->up ? "up" : "down", n->mtu, n->queues, got, put);
	if (!n->used)
		fputs(" (not in use)", out);
	if (n->dropped != 0)
		fprintf(out, " (%" PRIu64 " dropped)", n->dropped);
	fputc('\n', out);
}

void
networks_render(FILE *out, const struct network_state *n, unsigned count)
{
	fprintf(out, "PORT  %-15s  %-17s  %-15s  VLAN  LINK   MTU  QUEUES  "
	    "RECEIVED    SENT\n", "BRIDGE", "MAC", "ADDRESS");
	for (unsigned i = 0; i < count; i++)
		network_row(out, &n[i]);
}

void
versions_render(FILE *out, const struct versions *v)
{
	fprintf(out, "mullion     %s\nhypervisor  %s\n", v->build,
	    v->hypervisor[0] != '\0' ? v->hypervisor
				     : "none: not a parent partition");
}
