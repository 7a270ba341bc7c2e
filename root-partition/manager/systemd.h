/* SPDX-License-Identifier: Apache-2.0 */
/* The units of partitions, as the service manager of the parent has them. */
#ifndef MULLION_MANAGER_SYSTEMD_H
#define MULLION_MANAGER_SYSTEMD_H

#include <stdbool.h>
#include <stdint.h>

#include "manager/err.h"
#include "manager/site.h"

enum unit_active {
	UNIT_INACTIVE,
	UNIT_ACTIVATING,
	UNIT_ACTIVE,
	UNIT_DEACTIVATING,
	UNIT_FAILED,
};

struct unit_facts {
	enum unit_active active;
	char result[32];     /* systemd's word; "success" unless it failed */
	int32_t exit_code;   /* CLD_EXITED and the like; 0: not ended yet */
	int32_t exit_status; /* status or signal, as exit_code says */
	uint32_t pid;	     /* of the worker; 0: none */
	uint32_t last_pid;   /* of the last worker; 0: there was none */
};

/* A connection to the service manager. */
struct systemd;

/* Owned by the caller, who closes it; NULL when there is no answer. */
struct systemd *systemd_open(const struct site *site, struct err *e);
void systemd_close(struct systemd *s);

static inline void
cleanup_systemd(struct systemd **s)
{
	systemd_close(*s);
}

#define AUTO_SYSTEMD __attribute__((cleanup(cleanup_systemd)))

/* What there is to know of the unit of partition @name. */
int unit_query(struct systemd *s, const char *name, struct unit_facts *out,
    struct err *e);

/*
 * Start or stop the unit of @name and wait until that is done. EIO, with what
 * became of it, when it did not come to that.
 */
int unit_start(struct systemd *s, const char *name, struct err *e);
int unit_stop(struct systemd *s, const char *name, struct err *e);

/* Wait until nothing of the unit runs; ERR_TIMEOUT after @seconds. */
int unit_wait_end(struct systemd *s, const char *name, unsigned seconds,
    struct err *e);

/* Forget that the unit failed. Fine when it did not. */
int unit_forget_failure(struct systemd *s, const char *name, struct err *e);

/* Have the unit started at boot, or not. Fine when it is so already. */
int unit_enable(struct systemd *s, const char *name, bool on, struct err *e);

#endif
