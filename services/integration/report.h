/* SPDX-License-Identifier: Apache-2.0 */
/* Replies to clients, as JSON; manager/integration.c reads them. */
#ifndef MULLION_INTEGRATION_REPORT_H
#define MULLION_INTEGRATION_REPORT_H

#include <stddef.h>

#include "integration/services.h"

/*
 * Each writes one JSON object, NUL-terminated, into the @size bytes at @out
 * and returns its length without the NUL. @size is 512 at least.
 */
size_t report_done(char *out, size_t size);
size_t report_refused(const struct err *e, char *out, size_t size);
size_t report_status(struct services *s, char *out, size_t size);
size_t report_value(const char *value, char *out, size_t size);
size_t report_addresses(const struct kvp_job *j, char *out, size_t size);

#endif
