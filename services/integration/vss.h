/* SPDX-License-Identifier: Apache-2.0 */
/* Freezing the guest's file systems while its disks are copied. */
#ifndef MULLION_INTEGRATION_VSS_H
#define MULLION_INTEGRATION_VSS_H

#include "integration/icmsg.h"
#include "manager/err.h"

/* For all but the freeze, which has what the caller gives it. */
#define VSS_LIMIT (35 * IC_SECOND)
#define VSS_SECONDS_MAX 900

enum vss_state {
	VSS_THAWED,
	VSS_PREPARING, /* hot backup, information */
	VSS_FREEZING,
	VSS_FROZEN,
	VSS_THAWING,
	VSS_COMPLETING,
};

struct vss {
	struct ic ic;
	enum vss_state state;
	uint8_t op;	   /* outstanding */
	bool thaw_due;	   /* freezing or not, for what .outcome says */
	uint64_t thaw_at;  /* when the time is up */
	int outcome;	   /* 0, or why the freeze is not good */
	struct err why;
	uint64_t freezes;
	uint64_t overdue; /* thaws that nobody asked for in time */
};

void vss_init(struct vss *v);

/*
 * Begin to freeze; at most @seconds from now the guest is told to thaw again,
 * come what may. ENOTCONN without the service, EBUSY if it is not thawed.
 */
int vss_freeze(struct vss *v, unsigned seconds, uint64_t now, struct err *e);

/* Thaw as soon as can be. Nothing happens to a guest that is thawed. */
void vss_thaw(struct vss *v, uint64_t now);

/*
 * How the freeze went: EINPROGRESS until it is decided, 0 while the guest is
 * frozen, else what went wrong.
 */
int vss_report_freeze(const struct vss *v, struct err *e);

/*
 * How it ended: EINPROGRESS until the guest is thawed; 0 if it was frozen
 * until vss_thaw() was called; else what went wrong, which also says that what
 * was copied meanwhile is worth nothing.
 */
int vss_report_thaw(const struct vss *v, struct err *e);

#endif
