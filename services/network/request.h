/* SPDX-License-Identifier: Apache-2.0 */
/* What a client of the control socket can ask of the ports, and the answers. */
#ifndef MULLION_NETWORK_REQUEST_H
#define MULLION_NETWORK_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "manager/config.h"
#include "manager/config_network.h"
#include "manager/err.h"
#include "network/port.h"

#define REQUEST_REPLY_MAX 65536

enum request_op {
	REQUEST_LIST,
	REQUEST_STATS,
	REQUEST_ATTACH,
	REQUEST_DETACH,
	REQUEST_LINK,
	REQUEST_OPS,
};

struct request_asked {
	enum request_op op;
	unsigned port;			/* of detach and link */
	bool up;			/* of link */
	struct config_network network;	/* of attach, and its MTU: */
	uint32_t mtu;
};

/*
 * Read one JSON object: {"op":"list"}, {"op":"stats"}, {"op":"attach",
 * "network":TEXT,"mtu":N} with TEXT as in the configuration,
 * {"op":"detach","port":N}, {"op":"link","port":N,"up":BOOL}. EPROTO when it
 * is none, EINVAL when TEXT is wrong.
 */
int request_parse(const uint8_t *json, size_t len, struct request_asked *out,
    struct err *e);

/* Each returns the length of the answer. */
size_t reply_done(unsigned port, char out[REQUEST_REPLY_MAX]);
size_t reply_refused(const struct err *e, char out[REQUEST_REPLY_MAX]);

/* Of all @ports that are not NULL: what they are, or what they carried. */
size_t reply_list(struct port *const ports[CONFIG_NETWORKS_MAX],
    char out[REQUEST_REPLY_MAX]);
size_t reply_stats(struct port *const ports[CONFIG_NETWORKS_MAX],
    char out[REQUEST_REPLY_MAX]);

#endif
