/* SPDX-License-Identifier: Apache-2.0 */
/* Partitions that are defined: what they are, and what can be done to them. */
#ifndef MULLION_MANAGER_PARTITION_H
#define MULLION_MANAGER_PARTITION_H

#include <stddef.h>

#include "manager/config.h"
#include "manager/guest_status.h"
#include "manager/dynamic_memory.h"
#include "manager/name.h"
#include "manager/site.h"
#include "manager/status.h"
#include "manager/systemd.h"

enum partition_state {
	PARTITION_STOPPED,
	PARTITION_STARTING,
	PARTITION_RUNNING,
	PARTITION_PAUSED,
	PARTITION_STOPPING,
	PARTITION_FAILED,
};

struct partition {
	char name[NAME_LETTERS_MAX + 1];
	enum partition_state state;
	char reason[STATUS_REASON_MAX]; /* why it is so; may be empty */
	uint64_t pid;	  /* of the worker; 0: none */
	uint64_t started; /* seconds since 1970; 0: not known */
	uint64_t ended;
	bool config_valid;
	struct err config_err; /* what is wrong when it is not */
	struct config config;
	bool has_guest; /* that .guest is known; who wants it asks */
	struct guest_status guest;
	bool has_memory; /* likewise .memory */
	struct memory_state memory;
};

/* Names, in order of the alphabet. */
struct names {
	size_t count;
	char (*name)[NAME_LETTERS_MAX + 1];
};

void names_free(struct names *n);

#define AUTO_NAMES __attribute__((cleanup(names_free)))

/* "running" for PARTITION_RUNNING and so on. */
const char *partition_state_name(enum partition_state state);

/*
 * Work out state, reason, worker and times from what systemd says and from
 * the worker's last status; @status is NULL when there is none.
 */
void partition_judge(struct partition *p, const struct unit_facts *unit,
    const struct status *status);

/* The names of all that are defined; the caller frees them. */
int partition_names(const struct site *site, struct names *out, struct err *e);

/*
 * Find out all about @name. ERR_NO_PARTITION when it is not defined. A broken
 * configuration is not a failure of this call.
 */
int partition_load(const struct site *site, struct systemd *s,
    const char *name, struct partition *out, struct err *e);

/* ERR_NO_PARTITION, and what to do, unless @name is defined. */
int partition_check_defined(const struct site *site, const char *name,
    struct err *e);

/*
 * Define @name: write its file and have systemd start it at boot if @c says
 * so. ERR_EXISTS when there is one; nothing is left behind on a failure.
 */
int partition_define(const struct site *site, struct systemd *s,
    const char *name, const struct config *c, struct err *e);

/* Put @text, a checked configuration that parses to @c, in place of the old. */
int partition_redefine(const struct site *site, struct systemd *s,
    const char *name, const char *text, size_t len, const struct config *c,
    struct err *e);

/* Remove file, logs and remains of the runs of @name, which must not run. */
int partition_delete(const struct site *site, struct systemd *s,
    const char *name, struct err *e);

#endif
