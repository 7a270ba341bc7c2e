/* SPDX-License-Identifier: Apache-2.0 */
/* Key-value pairs: what the guest tells, and what is written and read there. */
#ifndef MULLION_INTEGRATION_KVP_H
#define MULLION_INTEGRATION_KVP_H

#include "integration/facts.h"
#include "integration/icmsg.h"
#include "manager/err.h"

/* As UTF-8 with the final NUL: a unit of UTF-16 becomes three bytes at most. */
#define KVP_KEY_MAX (WIRE_KVP_KEY / 2 * 3)
#define KVP_VALUE_MAX (WIRE_KVP_VALUE / 2 * 3)

#define KVP_POOL_EXTERNAL 0 /* written by us, read in the guest */
#define KVP_POOL_GUEST 1    /* written in the guest */
#define KVP_POOL_AUTO 2	    /* what its daemon tells of the guest */

/* The guest itself gives up after 30 seconds. */
#define KVP_LIMIT (35 * IC_SECOND)
/* How often the guest is asked about itself: until it has an address, after. */
#define KVP_PERIOD_SHORT (2 * IC_SECOND)
#define KVP_PERIOD_LONG (10 * IC_SECOND)
/* More pairs than this are not listened to. */
#define KVP_INDEX_MAX 64

enum kvp_job_state {
	KVP_JOB_NONE,
	KVP_JOB_WAITING, /* for its turn */
	KVP_JOB_SENT,
	KVP_JOB_DONE,
	KVP_JOB_FAILED, /* .err says why */
};

/* What somebody asked for; one at a time. */
struct kvp_job {
	enum kvp_job_state state;
	struct err err;
	struct wire_kvp body;
	char value[KVP_VALUE_MAX]; /* that was asked for */
	/* Lists with semicolons, as the guest has them. */
	char masks[KVP_VALUE_MAX];
	char gateways[KVP_VALUE_MAX];
	char dns[KVP_VALUE_MAX];
	bool dhcp;
};

struct kvp {
	struct ic ic;
	bool enumerating;
	bool job_outstanding;
	uint32_t index;
	bool known;	     /* that the facts were told */
	struct facts facts;  /* of the last whole enumeration */
	struct facts coming; /* of the one that goes on */
	struct kvp_job job;
};

void kvp_init(struct kvp *k);

struct kvp_entry {
	uint8_t pool; /* KVP_POOL_EXTERNAL or KVP_POOL_GUEST */
	const char *key;
	const char *value; /* for kvp_set() alone */
};

/*
 * Ask for something; kvp_report() tells when it is done. ENOTCONN when the
 * guest has no such service, EBUSY when something was asked for before,
 * EINVAL when a text does not fit or is none.
 */
int kvp_get(struct kvp *k, const struct kvp_entry *entry, uint64_t now,
    struct err *e);
int kvp_set(struct kvp *k, const struct kvp_entry *entry, uint64_t now,
    struct err *e);
int kvp_delete(struct kvp *k, const struct kvp_entry *entry, uint64_t now,
    struct err *e);

/* The addresses of the adapter @mac, like 00:15:5D:00:00:01. */
int kvp_get_ip(struct kvp *k, const char *mac, uint64_t now, struct err *e);

/*
 * EINPROGRESS while the guest has it; 0 when it is done. Else what went wrong,
 * ENOENT when there is no such key or adapter. From then on the next may be
 * asked for.
 */
int kvp_report(struct kvp *k, struct err *e);

#endif
