/* SPDX-License-Identifier: Apache-2.0 */
/* What the integration services know of a guest. */
#ifndef MULLION_MANAGER_GUEST_STATUS_H
#define MULLION_MANAGER_GUEST_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

#define GUEST_TEXT_MAX 256
#define GUEST_ADDRESSES_MAX 16
#define GUEST_ADDRESS_MAX 46
#define GUEST_SERVICES_MAX 8
#define GUEST_SERVICE_MAX 16

/* Texts are printable; empty ones are not known. */
struct guest_status {
	char heartbeat[GUEST_SERVICE_MAX]; /* "ok", "lost" or "none" */
	uint64_t missed;		   /* heartbeats, of all times */
	unsigned service_count;		   /* that the guest serves now */
	char service[GUEST_SERVICES_MAX][GUEST_SERVICE_MAX];
	char os[GUEST_TEXT_MAX];
	char kernel[GUEST_TEXT_MAX];
	char fqdn[GUEST_TEXT_MAX];
	char architecture[GUEST_TEXT_MAX];
	unsigned address_count;
	char address[GUEST_ADDRESSES_MAX][GUEST_ADDRESS_MAX];
	bool has_drift;
	int64_t drift_ns; /* since its clock was set; below 0: it is behind */
	bool frozen;
};

/*
 * Read the reply to {"op":"status"}; EPROTO when it is not one. Keys that are
 * not known are passed over.
 */
int guest_status_parse(const uint8_t *json, size_t len,
    struct guest_status *out, struct err *e);

#endif
