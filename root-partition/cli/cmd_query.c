/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that only look: list, info, stats, version. */
#include <cpuid.h>
#include <mullion/build-id.h>
#include <mullion/config.h>
#include <stdlib.h>
#include <string.h>

#include "cli/render.h"
#include "cli/session.h"
#include "manager/cleanup.h"
#include "manager/control.h"
#include "manager/integration.h"
#include "manager/networks.h"

#define CPUID_HYPERVISOR_PRESENT (1U << 31) /* ECX of leaf 1 */
#define CPUID_HV_VENDOR 0x40000000
#define CPUID_HV_VERSION 0x40000002

/* Without its daemon, what its adapters have seen is the best there is. */
static void
addresses_ask(const struct site *site, struct partition *p)
{
	struct network_state networks[CONFIG_NETWORKS_MAX];
	struct guest_status *g = &p->guest;
	struct err unused;
	unsigned count;

	if (networks_list(site, p->name, networks, &count, &unused) < 0)
		return;
	for (unsigned i = 0; i < count; i++)
		if (networks[i].address[0] != '\0')
			strcpy(g->address[g->address_count++],
			    networks[i].address);
}

/* A guest that tells nothing of itself is no failure. */
static void
guest_ask(const struct site *site, struct partition *p)
{
	struct err unused;

	if (p->state != PARTITION_RUNNING && p->state != PARTITION_PAUSED)
		return;
	p->has_guest = integration_status(site, p->name, &p->guest,
	    &unused) == 0;
	p->has_memory = dynamic_memory_status(site, p->name, &p->memory,
	    &unused) == 0;
	if (p->guest.address_count == 0 && p->config.network_count > 0)
		addresses_ask(site, p);
}

static int
list_load(const struct invocation *inv, const struct names *names,
    struct partition *all, size_t *count, struct err *e)
{
	AUTO_SYSTEMD struct systemd *systemd = systemd_open(&inv->site, e);

	if (systemd == NULL)
		return -1;
	*count = 0;
	for (size_t i = 0; i < names->count; i++) {
		if (partition_load(&inv->site, systemd, names->name[i],
			&all[*count], e) == 0)
			guest_ask(&inv->site, &all[(*count)++]);
		else if (e->code != ERR_NO_PARTITION)
			return err_prefix(e, "%s", names->name[i]);
		/* Else it was deleted since we read the names. */
	}
	return 0;
}

int
cmd_list(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_FREE struct partition *all = NULL;
	AUTO_NAMES struct names names = { 0 };
	size_t count = 0;

	(void)name;
	if (partition_names(&inv->site, &names, e) < 0)
		return -1;
	all = calloc(names.count + 1, sizeof(*all));
	if (all == NULL)
		abort();
	if (names.count > 0 && list_load(inv, &names, all, &count, e) < 0)
		return -1;
	if (inv->value[OPTION_JSON] != NULL)
		list_render_json(stdout, all, count);
	else if (count > 0)
		list_render(stdout, all, count);
	else
		puts("No partitions yet; mullion create NAME makes one.");
	return 0;
}

int
cmd_info(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s;
	char path[SITE_PATH_MAX];

	if (session_begin(&s, inv, name, e) < 0)
		return -1;
	site_config(s.site, name, path);
	guest_ask(s.site, &s.partition);
	if (inv->value[OPTION_JSON] != NULL)
		info_render_json(stdout, &s.partition, path);
	else
		info_render(stdout, &s.partition, path);
	return 0;
}

static void
pressure_ask(const struct site *site, const char *name,
    struct partition_stats *stats)
{
	struct memory_state memory;
	struct err unused;

	if (dynamic_memory_status(site, name, &memory, &unused) < 0)
		return;
	stats->has_demanded = memory.has_demanded;
	stats->demanded = memory.demanded;
	stats->available = memory.available;
}

int
cmd_stats(const struct invocation *inv, const char *name, struct err *e)
{
	static struct partition_stats stats;
	AUTO_SESSION struct session s;

	if (session_begin(&s, inv, name, e) < 0)
		return -1;
	if (s.partition.state != PARTITION_PAUSED &&
	    session_need_running(&s, e) < 0)
		return -1;
	if (control_stats(s.site, name, &stats, e) < 0)
		return err_prefix(e, "%s", name);
	pressure_ask(s.site, name, &stats);
	if (inv->value[OPTION_JSON] != NULL)
		stats_render_json(stdout, name, &stats);
	else
		stats_render(stdout, name, &stats);
	return 0;
}

/* What says that it is under us; empty when nothing does. */
static void
hypervisor_identify(char *out, size_t size)
{
	unsigned a, b, c, d, vendor[3];
	unsigned build, version;

	out[0] = '\0';
	if (!__get_cpuid(1, &a, &b, &c, &d) ||
	    (c & CPUID_HYPERVISOR_PRESENT) == 0)
		return;
	__cpuid(CPUID_HV_VENDOR, a, vendor[0], vendor[1], vendor[2]);
	if (a < CPUID_HV_VERSION || memcmp(vendor, "Microsoft Hv", 12) != 0)
		return;
	__cpuid(CPUID_HV_VERSION, build, version, c, d);
	snprintf(out, size, "%.12s, version %u.%u build %u",
	    (const char *)vendor, version >> 16, version & 0xffff, build);
}

int
cmd_version(const struct invocation *inv, const char *name, struct err *e)
{
	struct versions v = { MULLION_VERSION, MULLION_BUILD_ID, "" };

	(void)name;
	(void)e;
	hypervisor_identify(v.hypervisor, sizeof(v.hypervisor));
	if (inv->value[OPTION_JSON] != NULL)
		versions_render_json(stdout, &v);
	else
		versions_render(stdout, &v);
	return 0;
}
