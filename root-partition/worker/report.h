/* SPDX-License-Identifier: Apache-2.0 */
/* What the worker tells of its child, as JSON. */
#ifndef MULLION_WORKER_REPORT_H
#define MULLION_WORKER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/channels.h"
#include "manager/status.h"

/* A reply with the figures of 64 processors fits. */
#define REPORT_SIZE_MAX 65536

/*
 * Each writes one JSON object, NUL-terminated, into @out and returns its
 * length without the NUL.
 */
size_t report_status(const struct status *s, char out[REPORT_SIZE_MAX]);
size_t report_stats(const struct partition_stats *s,
    char out[REPORT_SIZE_MAX]);

/* As many fit; @more tells that there are others. */
#define REPORT_CHANNELS_MAX 128
size_t report_channels(const struct channel_state *channels, unsigned count,
    bool more, char out[REPORT_SIZE_MAX]);

size_t report_done(char out[REPORT_SIZE_MAX]);
size_t report_refused(const char *why, char out[REPORT_SIZE_MAX]);

#endif
