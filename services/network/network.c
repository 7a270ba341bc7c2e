/* SPDX-License-Identifier: Apache-2.0 */
/* What happens between ports, the worker and clients. */
#include "network/network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "process/process.h"

#define CALLS_MAX 32
#define NS_PER_US 1000

static bool
mac_is_free(const struct network *n, const uint8_t mac[CONFIG_MAC_SIZE])
{
	for (unsigned i = 0; i < CONFIG_NETWORKS_MAX; i++)
		if (n->ports[i] != NULL && memcmp(
		    n->ports[i]->adapter.config.mac, mac, FRAME_MAC) == 0)
			return false;
	return true;
}

/* Have ports_look() called at the next opportunity. */
static void
port_changed(void *ctx)
{
	struct network *n = ctx;

	sd_event_source_set_time(n->look, 0);
	sd_event_source_set_enabled(n->look, SD_EVENT_ONESHOT);
}

/* Takes over @tap, also when it fails. */
static int
port_add(struct network *n, unsigned number,
    const struct config_network *config, const struct tap *tap,
    struct err *e)
{
	struct port_setup setup = {
		.event = n->event,
		.provider = n->provider,
		.config = config,
		.tap = *tap,
		.changed = port_changed,
		.ctx = n,
	};

	tap_offload(tap, false);
	config_network_mac(config, n->name, number, setup.mac);
	if (!mac_is_free(n, setup.mac)) {
		tap_close(&setup.tap);
		return err_set(e, EEXIST, "its mac is that of another");
	}
	n->ports[number] = port_create(&setup, e);
	if (n->ports[number] == NULL) {
		tap_close(&setup.tap);
		return -1;
	}
	return 0;
}

static int
ports_make(struct network *n, const struct config *config, struct err *e)
{
	for (unsigned i = 0; i < config->network_count; i++) {
		const struct config_network *c = &config->networks[i];
		struct tap tap;

		if (tap_open(&tap, c, provider_vps(n->provider), e) < 0 ||
		    port_add(n, i, c, &tap, e) < 0)
			return err_prefix(e, "network %s", c->bridge);
	}
	return 0;
}

static int
ports_offer(struct network *n, struct err *e)
{
	for (unsigned i = 0; i < CONFIG_NETWORKS_MAX; i++)
		if (n->ports[i] != NULL && port_offer(n->ports[i], e) < 0)
			return err_prefix(e, "network adapter %u", i);
	return 0;
}

/* --- Clients. --- */

/* Whoever asks made the port, for we may not; its descriptors came along. */
static int
attach(struct network *n, struct request_asked *r,
    int fds[SERVICE_FDS_MAX], struct err *e)
{
	struct tap tap;

	if (r->network.publish_count > 0)
		return err_set(e, EINVAL, "ports are published of adapters "
		    "that are in the partition's file only");
	r->port = 0;
	while (r->port < CONFIG_NETWORKS_MAX && n->ports[r->port] != NULL)
		r->port++;
	if (r->port == CONFIG_NETWORKS_MAX)
		return err_set(e, ENOSPC, "there are %d already",
		    CONFIG_NETWORKS_MAX);
	if (tap_adopt(&tap, fds, SERVICE_FDS_MAX, r->mtu, e) < 0 ||
	    port_add(n, r->port, &r->network, &tap, e) < 0)
		return -1;
	if (port_offer(n->ports[r->port], e) < 0) {
		port_destroy(n->ports[r->port]);
		n->ports[r->port] = NULL;
		return -1;
	}
	return 0;
}

static int
act(struct network *n, struct request_asked *r, int fds[SERVICE_FDS_MAX],
    struct err *e)
{
	if (r->op == REQUEST_ATTACH)
		return attach(n, r, fds, e);
	if (n->ports[r->port] == NULL || n->ports[r->port]->leaving)
		return err_set(e, ENOENT, "there is no network adapter %u",
		    r->port);
	if (r->op == REQUEST_DETACH)
		port_leave(n->ports[r->port]);
	else
		port_set_link(n->ports[r->port], r->up);
	return 0;
}

static void
client_asks(void *ctx, unsigned client, struct service_request *asked)
{
	struct network *n = ctx;
	struct err e = { .code = 0 };
	struct request_asked r;
	size_t size;

	if (request_parse(asked->packet, asked->len, &r, &e) < 0)
		size = reply_refused(&e, n->reply);
	else if (r.op == REQUEST_LIST)
		size = reply_list(n->ports, n->reply);
	else if (r.op == REQUEST_STATS)
		size = reply_stats(n->ports, n->reply);
	else if (act(n, &r, asked->fds, &e) < 0)
		size = reply_refused(&e, n->reply);
	else
		size = reply_done(r.port, n->reply);
	service_control_reply(n->control, client, n->reply, size);
}

static void
client_left(void *ctx, unsigned client)
{
	(void)ctx;
	(void)client;
}

static const struct service_control_ops control_ops = {
	.packet = client_asks,
	.left = client_left,
};

/* --- The worker. --- */

static void
worker_lost(void *ctx, const struct err *why)
{
	struct network *n = ctx;

	process_lost(n->event, why);
}

static const struct provider_ops provider_ops = { .lost = worker_lost };

/* A port that the guest let go of ends here. */
static int
ports_look(sd_event_source *source, uint64_t usec, void *ctx)
{
	struct network *n = ctx;
	uint64_t now = 0, again;

	(void)usec;
	for (unsigned i = 0; i < CONFIG_NETWORKS_MAX; i++)
		if (n->ports[i] != NULL && port_gone(n->ports[i])) {
			port_destroy(n->ports[i]);
			n->ports[i] = NULL;
		}
	sd_event_now(n->event, CLOCK_MONOTONIC, &now);
	again = publisher_look(&n->publisher, n->ports, now * NS_PER_US);
	if (again == 0)
		return 0;
	sd_event_source_set_time(source, again / NS_PER_US);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int
rights_drop(struct network *n, struct err *e)
{
	int calls[CALLS_MAX];
	struct sandbox_calls more = {
		.calls = calls,
		.ioctls = tap_ioctls,
		.ioctl_count = tap_ioctl_count,
	};

	if (service_control_call_count >= CALLS_MAX)
		return err_set(e, E2BIG, "too many system calls");
	for (size_t i = 0; i < service_control_call_count; i++)
		calls[more.call_count++] = service_control_calls[i];
	calls[more.call_count++] = SYS_pwrite64;	/* the publisher's */
	return provider_confine(n->provider, &more, e);
}

int
network_begin(struct network *n, sd_event *event, const char *name,
    const struct config *config, const char *run_dir, struct err *e)
{
	int ret;

	n->name = name;
	n->publisher.fd = -1;
	n->event = event;
	ret = sd_event_add_time(event, &n->look, CLOCK_MONOTONIC, 0, 1,
	    ports_look, n);
	if (ret < 0)
		return err_set(e, -ret, "event loop: %s", strerror(-ret));
	n->provider = provider_connect(event, run_dir, PROVIDER_NETWORK,
	    &provider_ops, n, e);
	if (n->provider == NULL || ports_make(n, config, e) < 0)
		return -1;
	n->control = service_control_open(event, run_dir, NETWORK_SOCKET,
	    &control_ops, n, e);
	if (n->control == NULL ||
	    publisher_begin(&n->publisher, config, run_dir, e) < 0 ||
	    rights_drop(n, e) < 0)
		return -1;
	return ports_offer(n, e);
}

void
network_end(struct network *n)
{
	service_control_close(n->control);
	if (n->provider != NULL)
		provider_destroy(n->provider);
	for (unsigned i = 0; i < CONFIG_NETWORKS_MAX; i++)
		port_destroy(n->ports[i]);
	publisher_end(&n->publisher);
	sd_event_source_disable_unref(n->look);
}
