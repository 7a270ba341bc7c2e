/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of published ports once the process has no rights any more. */
#include "network/publisher.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Each change costs the parent a process. */
#define PAUSE_NS UINT64_C(2000000000)

static unsigned
ports_of(const struct config *c)
{
	unsigned count = 0;

	for (unsigned i = 0; i < c->network_count; i++)
		count += c->networks[i].publish_count;
	return count;
}

static void
reserve(struct publisher *p, const struct config_network *n,
    struct publish_state *s)
{
	for (unsigned k = 0; k < n->publish_count; k++) {
		struct err e = { .code = 0 };
		int fd = publish_reserve(&n->publish[k], &e);

		if (fd < 0) {
			fprintf(stderr, "not published: %s\n", e.text);
			continue;
		}
		p->sockets[p->held++] = fd;
		s->reserved |= 1U << k;
	}
}

int
publisher_begin(struct publisher *p, const struct config *config,
    const char *run_dir, struct err *e)
{
	char path[4096];

	p->fd = -1;
	if (ports_of(config) == 0)
		return 0;
	snprintf(path, sizeof(path), "%s/%s", run_dir, PUBLISH_FILE);
	/* The folder is the worker's, who is not trusted. */
	p->fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC |
	    O_NOFOLLOW, 0640);
	if (p->fd < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	for (unsigned i = 0; i < config->network_count; i++)
		reserve(p, &config->networks[i], &p->states[i]);
	return 0;
}

void
publisher_end(struct publisher *p)
{
	if (p->fd >= 0)
		close(p->fd);
	while (p->held > 0)
		close(p->sockets[--p->held]);
	p->fd = -1;
}

uint64_t
publisher_look(struct publisher *p,
    struct port *const ports[CONFIG_NETWORKS_MAX], uint64_t now)
{
	static const uint8_t unknown[ADDRESS_SIZE];
	char text[PUBLISH_FILE_SIZE + 1];
	bool changed = false;

	if (p->fd < 0)
		return 0;
	if (p->written != 0 && now - p->written < PAUSE_NS)
		return p->written + PAUSE_NS;
	for (unsigned i = 0; i < CONFIG_NETWORKS_MAX; i++) {
		const uint8_t *is = ports[i] != NULL ?
		    ports[i]->adapter.address : unknown;

		if (memcmp(p->states[i].address, is, ADDRESS_SIZE) == 0)
			continue;
		memcpy(p->states[i].address, is, ADDRESS_SIZE);
		changed = true;
	}
	if (!changed)
		return 0;
	p->written = now;
	publish_print(p->states, text);
	if (pwrite(p->fd, text, PUBLISH_FILE_SIZE, 0) < 0)
		fprintf(stderr, "%s: %s\n", PUBLISH_FILE, strerror(errno));
	return 0;
}
