/* SPDX-License-Identifier: Apache-2.0 */
/* Partitions and figures as text for people and as JSON for programs. */
#ifndef MULLION_CLI_RENDER_H
#define MULLION_CLI_RENDER_H

#include <stdio.h>

#include "manager/channels.h"
#include "manager/disks.h"
#include "manager/networks.h"
#include "manager/partition.h"
#include "manager/status.h"

#define SHORT_SIZE_MAX 24
#define TIME_TEXT_MAX 32

/* What `mullion version` tells. */
struct versions {
	const char *mullion; /* like 0.1.0 */
	const char *build;   /* that, and which sources exactly */
	char hypervisor[64]; /* empty: we do not run on one */
};

void list_render(FILE *out, const struct partition *p, size_t count);
void list_render_json(FILE *out, const struct partition *p, size_t count);

/* @file is the path of the configuration. */
void info_render(FILE *out, const struct partition *p, const char *file);
void info_render_json(FILE *out, const struct partition *p,
    const char *file);

void stats_render(FILE *out, const char *name,
    const struct partition_stats *s);
void stats_render_json(FILE *out, const char *name,
    const struct partition_stats *s);

void disks_render(FILE *out, const struct disk_state *d, unsigned count);
void disks_render_json(FILE *out, const struct disk_state *d,
    unsigned count);

void channels_render(FILE *out, const struct channel_state *c,
    unsigned count);
void channels_render_json(FILE *out, const struct channel_state *c,
    unsigned count);

void networks_render(FILE *out, const struct network_state *n,
    unsigned count);
void networks_render_json(FILE *out, const struct network_state *n,
    unsigned count);

void versions_render(FILE *out, const struct versions *v);
void versions_render_json(FILE *out, const struct versions *v);

/* Like 3.5M: three or four digits, which is enough to compare. */
void short_size_format(uint64_t bytes, char out[SHORT_SIZE_MAX]);

/* Local date and time of day of @seconds since 1970. */
void time_format(uint64_t seconds, char out[TIME_TEXT_MAX]);

#endif
