/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of the parent that lead to ports of a partition's guest. */
#ifndef MULLION_MANAGER_PUBLISH_H
#define MULLION_MANAGER_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/config.h"
#include "manager/err.h"

/*
 * Which addresses guests have is learned by the process of the adapters, and
 * written to this file in the folder of the run; whoever may change how the
 * parent passes packets on reads it. It has a line for each adapter that there
 * may be.
 */
#define PUBLISH_FILE "published"
#define PUBLISH_LINE 20		/* with the final newline */
#define PUBLISH_FILE_SIZE (PUBLISH_LINE * CONFIG_NETWORKS_MAX)
#define PUBLISH_RULES_MAX 16384

/* What is known of one adapter. */
struct publish_state {
	uint8_t address[4];	/* of the guest; all 0: not known */
	unsigned reserved;	/* bits: which of its ports it holds */
};

/*
 * Keep a port of the parent to ourselves, so that nobody else can publish it
 * or listen there, until the returned descriptor is closed. EADDRINUSE, with
 * what can be done, when somebody does.
 */
int publish_reserve(const struct config_publish *p, struct err *e);

/* The same for all ports of @c, only to see whether they could be had. */
int publish_check(const struct config *c, struct err *e);

void publish_print(const struct publish_state s[CONFIG_NETWORKS_MAX],
    char out[PUBLISH_FILE_SIZE + 1]);

/* False, and nothing known of any, unless it is as publish_print() writes. */
bool publish_parse(const char *text, size_t len,
    struct publish_state s[CONFIG_NETWORKS_MAX]);

/*
 * Write what nft is to be told, so that the ports of partition @name lead to
 * it, instead of what it was told before. Returns how many do.
 */
unsigned publish_rules(const char *name, const struct config *c,
    const struct publish_state s[CONFIG_NETWORKS_MAX],
    char out[PUBLISH_RULES_MAX]);

#endif
