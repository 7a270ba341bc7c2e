/* SPDX-License-Identifier: Apache-2.0 */
/* Reserving ports, and the rules by which packets find their guest. */
#include "manager/publish.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "manager/cleanup.h"

#define LINE_FORMAT "%-15s %02x \n"

/* A socket that is bound and never listens; connecting to it is refused. */
int
publish_reserve(const struct config_publish *p, struct err *e)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(p->port),
	};
	AUTO_CLOSE int fd = socket(AF_INET,
	    (p->udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return err_set(e, errno, "socket: %s", strerror(errno));
	if (bind(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
		return take_fd(&fd);
	if (errno != EADDRINUSE)
		return err_set(e, errno, "port %u/%s of the parent: %s",
		    p->port, p->udp ? "udp" : "tcp", strerror(errno));
	return err_set(e, EADDRINUSE,
	    "port %u/%s of the parent is taken: another partition publishes "
	    "it, or a program uses it (ss -lntup)", p->port,
	    p->udp ? "udp" : "tcp");
}

int
publish_check(const struct config *c, struct err *e)
{
	int fds[CONFIG_NETWORKS_MAX * CONFIG_PUBLISH_MAX];
	unsigned count = 0;
	int ret = 0;

	for (unsigned i = 0; i < c->network_count; i++) {
		const struct config_network *n = &c->networks[i];

		for (unsigned k = 0; ret == 0 && k < n->publish_count; k++) {
			fds[count] = publish_reserve(&n->publish[k], e);
			if (fds[count] < 0)
				ret = -1;
			else
				count++;
		}
	}
	while (count > 0)
		close(fds[--count]);
	return ret;
}

static void
address_print(const uint8_t a[4], char out[16])
{
	snprintf(out, 16, "%u.%u.%u.%u", a[0], a[1], a[2], a[3]);
}

void
publish_print(const struct publish_state s[CONFIG_NETWORKS_MAX],
    char out[PUBLISH_FILE_SIZE + 1])
{
	for (unsigned i = 0; i < CONFIG_NETWORKS_MAX; i++) {
		char address[16];

		address_print(s[i].address, address);
		snprintf(out + i * PUBLISH_LINE, PUBLISH_LINE + 1, LINE_FORMAT,
		    address, s[i].reserved & 0xff);
	}
}

static bool
line_parse(const char *line, struct publish_state *s)
{
	char copy[PUBLISH_LINE + 1], address[16];

	memcpy(copy, line, PUBLISH_LINE);
	copy[PUBLISH_LINE] = '\0';
	if (sscanf(copy, "%15[0-9.] %2x", address, &s->reserved) != 2)
		return false;
	return inet_pton(AF_INET, address, s->address) == 1;
}

bool
publish_parse(const char *text, size_t len,
    struct publish_state s[CONFIG_NETWORKS_MAX])
{
	bool fine = len == PUBLISH_FILE_SIZE;

	for (unsigned i = 0; fine && i < CONFIG_NETWORKS_MAX; i++)
		fine = line_parse(text + i * PUBLISH_LINE, &s[i]);
	if (!fine)
		memset(s, 0, CONFIG_NETWORKS_MAX * sizeof(*s));
	return fine;
}

struct text {
	char *out;
	size_t len;
};

static void __attribute__((format(printf, 2, 3)))
text_add(struct text *t, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(t->out + t->len, PUBLISH_RULES_MAX - t->len, format, ap);
	va_end(ap);
	if (n > 0 && (size_t)n < PUBLISH_RULES_MAX - t->len)
		t->len += (size_t)n;
}

/* Those that arrive at any address of the parent; @where says of which. */
static unsigned
rules_add(struct text *t, const struct config *c,
    const struct publish_state *s, const char *where)
{
	static const uint8_t unknown[4];
	unsigned count = 0;

	for (unsigned i = 0; i < c->network_count; i++) {
		const struct config_network *n = &c->networks[i];
		char to[16];

		if (memcmp(s[i].address, unknown, sizeof(unknown)) == 0)
			continue;
		address_print(s[i].address, to);
		for (unsigned k = 0; k < n->publish_count; k++) {
			const struct config_publish *p = &n->publish[k];

			if ((s[i].reserved & 1U << k) == 0)
				continue;
			text_add(t, "\t\t%s %s dport %u dnat to %s:%u\n",
			    where, p->udp ? "udp" : "tcp", p->port, to, p->to);
			count++;
		}
	}
	return count;
}

unsigned
publish_rules(const char *name, const struct config *c,
    const struct publish_state s[CONFIG_NETWORKS_MAX],
    char out[PUBLISH_RULES_MAX])
{
	struct text t = { out, 0 };
	unsigned count;

	/* To delete a table that is not there would be an error. */
	text_add(&t, "table ip mullion-%s\ndelete table ip mullion-%s\n", name,
	    name);
	if (c == NULL)
		return 0;
	text_add(&t, "table ip mullion-%s {\n\tchain arriving {\n"
	    "\t\ttype nat hook prerouting priority -100\n", name);
	count = rules_add(&t, c, s, "fib daddr type local");
	/* From 127.0.0.1 the guest could not be answered. */
	text_add(&t, "\t}\n\tchain own {\n"
	    "\t\ttype nat hook output priority -100\n");
	rules_add(&t, c, s,
	    "fib daddr type local ip daddr != 127.0.0.0/8");
	text_add(&t, "\t}\n}\n");
	return count;
}
