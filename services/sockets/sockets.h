/* SPDX-License-Identifier: Apache-2.0 */
/* The process: its folder, and all connections of one guest. */
#ifndef MULLION_SOCKETS_SOCKETS_H
#define MULLION_SOCKETS_SOCKETS_H

#include <systemd/sd-event.h>

#include "sockets/connection.h"

/*
 * In the folder of the run: a folder, in it where programs connect to the
 * guest, and, with an underscore and a port behind it, where they listen.
 */
#define SOCKETS_FOLDER	"sockets"
#define SOCKETS_NAME	"vsock"

/* At once, each way. */
#define SOCKETS_MAX	1000u
/* Of those from the host: a guest opens one after the other anyway. */
#define SOCKETS_OFFERED_MAX 16u
/* Bytes that guests left and programs have not taken, and of how many. */
#define SOCKETS_REST_MAX (UINT32_C(16) << 20)
#define SOCKETS_RESTS_MAX 1000u

struct sockets {
	sd_event *event;
	struct provider *provider;
	int listen_fd;
	sd_event_source *listen;
	struct connection *first, *last;
	unsigned count[2];		/* by enum port_direction; no rests */
	unsigned rests;
	unsigned waiting, offered;	/* from the host */
	bool offering;
	size_t kept;
	uint32_t next_port;
	uint8_t unique[12];
	uint64_t complain_next;
};

/*
 * Connect to the worker whose sockets are in @run_dir, listen there, and give
 * up all rights. What was opened is kept when this fails, for sockets_end().
 */
int sockets_begin(struct sockets *s, sd_event *event, const char *run_dir,
    struct err *e);
void sockets_end(struct sockets *s);

#endif
