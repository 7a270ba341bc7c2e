/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker says of its partition, in status.json and on control.sock. */
#ifndef MULLION_MANAGER_STATUS_H
#define MULLION_MANAGER_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

#define STATUS_REASON_MAX 256
#define STATUS_VPS_MAX 64
#define STATUS_EXITS_MAX 32
#define STATUS_EXIT_NAME_MAX 24

enum status_state {
	STATUS_STARTING,
	STATUS_RUNNING,
	STATUS_PAUSED,
	STATUS_STOPPED,
	STATUS_FAILED,
};

struct status {
	enum status_state state;
	char reason[STATUS_REASON_MAX]; /* printable; empty: none was given */
	uint64_t pid;			/* 0: not said, here and below */
	uint64_t started;		/* seconds since 1970 */
	uint64_t ended;
};

struct exit_stats {
	char name[STATUS_EXIT_NAME_MAX];
	uint64_t count;
};

struct vp_stats {
	uint64_t index;
	uint64_t run_time_ns;
	uint64_t hypercalls;
	unsigned exit_kinds;
	struct exit_stats exits[STATUS_EXITS_MAX];
};

struct partition_stats {
	uint64_t memory; /* bytes the guest has */
	bool has_resident;
	uint64_t resident; /* bytes that the parent has behind them */
	/* The worker does not know these: see dynamic_memory.h. */
	bool has_demanded;
	uint64_t demanded;
	uint64_t available;
	bool has_deposited;
	uint64_t deposited; /* bytes given to the hypervisor for it */
	bool has_in_use;
	uint64_t in_use; /* bytes of those that it uses */
	unsigned vps;
	struct vp_stats vp[STATUS_VPS_MAX];
};

/* "running" for STATUS_RUNNING and so on. */
const char *status_state_name(enum status_state state);

/*
 * Read a status.json, or the reply to {"op":"status"}. EPROTO when it is not
 * what a worker writes; keys that are not known are passed over.
 */
int status_parse(const uint8_t *json, size_t len, struct status *s,
    struct err *e);

/* Read the reply to {"op":"stats"}; EPROTO as above. */
int stats_parse(const uint8_t *json, size_t len, struct partition_stats *s,
    struct err *e);

/* Read any reply, as json_read_reply() does. */
int reply_parse(const uint8_t *json, size_t len, struct err *e);

#endif
