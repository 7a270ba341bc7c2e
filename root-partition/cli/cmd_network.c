/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about network adapters: list, attach, detach, set. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/render.h"
#include "cli/session.h"
#include "manager/networks.h"

/* Without adapters in its file it was started without their process. */
static int
told(const char *name, struct err *e)
{
	if (e->code != ENOTCONN)
		return err_prefix(e, "%s", name);
	return err_set(e, ERR_STATE,
	    "%s: was started without network adapters; mullion edit %s can "
	    "give it some for the next time", name, name);
}

int
cmd_network_list(const struct invocation *inv, const char *name,
    struct err *e)
{
	struct network_state networks[CONFIG_NETWORKS_MAX];
	AUTO_SESSION struct session s = { 0 };
	unsigned count;

	if (session_begin_alive(&s, inv, name, e) < 0)
		return -1;
	if (networks_list(s.site, name, networks, &count, e) < 0)
		return told(name, e);
	if (inv->value[OPTION_JSON] != NULL)
		networks_render_json(stdout, networks, count);
	else
		networks_render(stdout, networks, count);
	return 0;
}

/* A queue for each processor that the partition has been given. */
static unsigned
processors(const struct session *s)
{
	return s->partition.config_valid ? s->partition.config.cpus : 1;
}

int
cmd_network_attach(const struct invocation *inv, const char *name,
    struct err *e)
{
	AUTO_SESSION struct session s = { 0 };
	struct config_network n;
	struct tap tap;
	uint64_t port = 0;
	int ret;

	if (config_network_parse(inv->names[1], &n, e) < 0) {
		e->code = ERR_USAGE;
		return -1;
	}
	if (session_begin_alive(&s, inv, name, e) < 0)
		return -1;
	if (tap_open(&tap, &n, processors(&s), e) < 0)
		return err_prefix(e, "network %s", n.bridge);
	ret = networks_attach(s.site, name, inv->names[1], &tap, &port, e);
	/* The device lives on by the descriptors that were handed over. */
	tap_close(&tap);
	if (ret < 0)
		return told(name, e);
	printf("%s: has an adapter on %s as number %u\n", name, n.bridge,
	    (unsigned)port);
	return 0;
}

static int
port_take(const struct invocation *inv, unsigned *port, struct err *e)
{
	return args_word_number(inv, 1, CONFIG_NETWORKS_MAX - 1,
	    "network list", port, e);
}

int
cmd_network_detach(const struct invocation *inv, const char *name,
    struct err *e)
{
	AUTO_SESSION struct session s = { 0 };
	unsigned port;

	if (port_take(inv, &port, e) < 0 ||
	    session_begin_alive(&s, inv, name, e) < 0)
		return -1;
	if (networks_detach(s.site, name, port, e) < 0)
		return told(name, e);
	printf("%s: has lost its adapter %u\n", name, port);
	return 0;
}

int
cmd_network_set(const struct invocation *inv, const char *name,
    struct err *e)
{
	const char *link = inv->value[OPTION_LINK];
	AUTO_SESSION struct session s = { 0 };
	unsigned port;
	bool up;

	if (port_take(inv, &port, e) < 0)
		return -1;
	if (link == NULL || (strcmp(link, "up") != 0 &&
	    strcmp(link, "down") != 0))
		return err_set(e, ERR_USAGE,
		    "network set needs --link up or --link down");
	up = strcmp(link, "up") == 0;
	if (session_begin_alive(&s, inv, name, e) < 0)
		return -1;
	if (networks_link(s.site, name, port, up, e) < 0)
		return told(name, e);
	printf("%s: the link of adapter %u is %s\n", name, port, link);
	return 0;
}
