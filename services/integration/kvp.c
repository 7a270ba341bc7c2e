/* SPDX-License-Identifier: Apache-2.0 */
/* Turns on the channel: what was asked for first, then the enumeration. */
#include "integration/kvp.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "integration/container.h"
#include "integration/utf16.h"

#define MAC_LETTERS 17

static const struct ic_version versions[] = { { 1, 0 }, { 3, 0 }, { 4, 0 } };

static struct kvp *
of(struct ic *ic)
{
	return CONTAINER_OF(ic, struct kvp, ic);
}

static void
turn(struct kvp *k, uint64_t now)
{
	struct wire_kvp body = {
		.op = WIRE_KVP_ENUMERATE, .pool = KVP_POOL_AUTO,
	};

	if (!ic_idle(&k->ic))
		return;
	if (k->job.state == KVP_JOB_WAITING) {
		k->job.state = KVP_JOB_SENT;
		k->job_outstanding = true;
		ic_request(&k->ic, &k->job.body, sizeof(k->job.body), now,
		    KVP_LIMIT);
	} else if (k->enumerating) {
		body.u.pair_at.index = k->index;
		ic_request(&k->ic, &body, sizeof(body), now, KVP_LIMIT);
	}
}

static void
enumeration_begin(struct ic *ic, uint64_t now)
{
	struct kvp *k = of(ic);

	if (!k->enumerating) {
		k->enumerating = true;
		k->index = 0;
		memset(&k->coming, 0, sizeof(k->coming));
	}
	turn(k, now);
}

/* @whole: all there is was told. */
static void
enumeration_end(struct kvp *k, bool whole, uint64_t now)
{
	if (whole) {
		k->facts = k->coming;
		k->known = true;
	}
	k->enumerating = false;
	ic_wake(&k->ic, now + (k->facts.address_count > 0 ? KVP_PERIOD_LONG
							   : KVP_PERIOD_SHORT));
}

/* The value of a pair as text. False when it is neither text nor number. */
static bool
value_read(const struct wire_kvp_pair *p, char out[KVP_VALUE_MAX])
{
	uint64_t number = 0;

	switch (p->value_type) {
	case WIRE_KVP_STRING:
		return p->value_size <= sizeof(p->value) &&
		    utf16_read(p->value, p->value_size, out,
			KVP_VALUE_MAX) >= 0;
	case WIRE_KVP_U32:
		memcpy(&number, p->value, sizeof(uint32_t));
		break;
	case WIRE_KVP_U64:
		memcpy(&number, p->value, sizeof(uint64_t));
		break;
	default:
		return false;
	}
	snprintf(out, KVP_VALUE_MAX, "%" PRIu64, number);
	return true;
}

/* A pair that cannot be read does not hide those behind it. */
static void
pair_take(struct kvp *k, const struct wire_kvp_pair *p)
{
	char key[KVP_KEY_MAX], value[KVP_VALUE_MAX];

	if (p->key_size <= sizeof(p->key) &&
	    utf16_read(p->key, p->key_size, key, sizeof(key)) > 0 &&
	    value_read(p, value))
		facts_take(&k->coming, key, value);
	else
		k->ic.odd++;
}

static void
enumeration_go_on(struct kvp *k, const struct ic_answer *a, uint64_t now)
{
	struct wire_kvp body;

	if (a->status != IC_STATUS_OK) {
		enumeration_end(k, a->status == IC_STATUS_NO_MORE, now);
		return;
	}
	if (a->size < sizeof(body)) {
		k->ic.odd++;
		enumeration_end(k, false, now);
		return;
	}
	memcpy(&body, a->body, sizeof(body));
	pair_take(k, &body.u.pair_at.pair);
	if (++k->index == KVP_INDEX_MAX)
		enumeration_end(k, true, now);
}

static int
status_err(uint32_t status, struct err *e)
{
	switch (status) {
	case IC_STATUS_NO_MORE:
		return err_set(e, ENOENT, "the guest has no such key");
	case IC_STATUS_NO_ADAPTER:
		return err_set(e, ENOENT, "the guest has no such adapter");
	default:
		return err_set(e, EIO, "the guest failed, with status %#x",
		    status);
	}
}

static int
addresses_read(struct kvp_job *j, const struct wire_kvp_ip *ip, struct err *e)
{
	j->dhcp = ip->dhcp != 0;
	if (utf16_read(ip->addresses, sizeof(ip->addresses), j->value,
		sizeof(j->value)) < 0 ||
	    utf16_read(ip->masks, sizeof(ip->masks), j->masks,
		sizeof(j->masks)) < 0 ||
	    utf16_read(ip->gateways, sizeof(ip->gateways), j->gateways,
		sizeof(j->gateways)) < 0 ||
	    utf16_read(ip->dns, sizeof(ip->dns), j->dns, sizeof(j->dns)) < 0)
		return err_set(e, EPROTO, "the guest's answer is no text");
	return 0;
}

static int
job_answer(struct kvp_job *j, const struct ic_answer *a, struct err *e)
{
	struct wire_kvp_ip ip;
	struct wire_kvp body;

	if (a->status != IC_STATUS_OK)
		return status_err(a->status, e);
	if (a->size < sizeof(body))
		return err_set(e, EPROTO, "the guest's answer is too short");
	if (j->body.op == WIRE_KVP_GET_IP) {
		memcpy(&ip, a->body, sizeof(ip));
		return addresses_read(j, &ip, e);
	}
	memcpy(&body, a->body, sizeof(body));
	if (j->body.op == WIRE_KVP_GET && !value_read(&body.u.pair, j->value))
		return err_set(e, EPROTO, "the guest's answer is no text");
	return 0;
}

static void
job_end(struct kvp *k, const struct ic_answer *a)
{
	k->job.state = job_answer(&k->job, a, &k->job.err) == 0
	    ? KVP_JOB_DONE : KVP_JOB_FAILED;
}

static void
kvp_answered(struct ic *ic, const struct ic_answer *a, uint64_t now)
{
	struct kvp *k = of(ic);
	bool job = k->job_outstanding;

	k->job_outstanding = false;
	if (job && !a->late)
		job_end(k, a);
	else if (!job)
		enumeration_go_on(k, a, now);
	turn(k, now);
}

static void
job_fail(struct kvp *k, int code, const char *why)
{
	k->job.state = KVP_JOB_FAILED;
	err_set(&k->job.err, code, "%s", why);
}

/* What waits would wait for ever, too. */
static void
kvp_missed(struct ic *ic, uint64_t now)
{
	struct kvp *k = of(ic);

	(void)now;
	if (k->job.state == KVP_JOB_SENT || k->job.state == KVP_JOB_WAITING)
		job_fail(k, ERR_TIMEOUT, "the guest does not answer");
}

static void
kvp_closed(struct ic *ic, uint64_t now)
{
	struct kvp *k = of(ic);

	(void)now;
	k->enumerating = false;
	k->job_outstanding = false;
	k->known = false;
	memset(&k->facts, 0, sizeof(k->facts));
	if (k->job.state == KVP_JOB_SENT || k->job.state == KVP_JOB_WAITING)
		job_fail(k, ENOTCONN, "the guest ended the service");
}

static const struct ic_protocol protocol = {
	.type = IC_KVP,
	.framework = ic_frameworks,
	.framework_count = 2,
	.message = versions,
	.message_count = sizeof(versions) / sizeof(versions[0]),
	.ops = {
		.ready = enumeration_begin,
		.answered = kvp_answered,
		.missed = kvp_missed,
		.woken = enumeration_begin,
		.closed = kvp_closed,
	},
};

void
kvp_init(struct kvp *k)
{
	memset(k, 0, sizeof(*k));
	ic_init(&k->ic, &protocol);
}

static int
job_check(struct kvp *k, struct err *e)
{
	if (k->ic.state != IC_READY)
		return err_set(e, ENOTCONN,
		    "the guest does not serve key-value pairs");
	if (k->job.state != KVP_JOB_NONE)
		return err_set(e, EBUSY, "the guest has another request");
	if (k->ic.late)
		return err_set(e, ERR_TIMEOUT, "the guest does not answer");
	return 0;
}

static struct wire_kvp *
job_begin(struct kvp *k, enum wire_kvp_op op, uint8_t pool)
{
	memset(&k->job, 0, sizeof(k->job));
	k->job.body.op = (uint8_t)op;
	k->job.body.pool = pool;
	return &k->job.body;
}

static int
job_queue(struct kvp *k, uint64_t now)
{
	k->job.state = KVP_JOB_WAITING;
	turn(k, now);
	return 0;
}

static int
pool_check(uint8_t pool, struct err *e)
{
	if (pool == KVP_POOL_EXTERNAL || pool == KVP_POOL_GUEST)
		return 0;
	return err_set(e, EINVAL, "there is no pool %u to use", pool);
}

/* Returns the bytes that the key takes, or -1. */
static int
key_put(const char *key, uint8_t to[WIRE_KVP_KEY], struct err *e)
{
	int n = utf16_write(key, to, WIRE_KVP_KEY);

	if (n < 0 || key[0] == '\0')
		return err_set(e, EINVAL,
		    "a key has 1 to %u letters of UTF-8",
		    WIRE_KVP_KEY / 2 - 1);
	return n;
}

int
kvp_get(struct kvp *k, const struct kvp_entry *entry, uint64_t now,
    struct err *e)
{
	struct wire_kvp_pair *p;
	int size;

	if (job_check(k, e) < 0 || pool_check(entry->pool, e) < 0)
		return -1;
	p = &job_begin(k, WIRE_KVP_GET, entry->pool)->u.pair;
	size = key_put(entry->key, p->key, e);
	if (size < 0)
		return -1;
	p->value_type = WIRE_KVP_STRING;
	p->key_size = (uint32_t)size;
	return job_queue(k, now);
}

int
kvp_set(struct kvp *k, const struct kvp_entry *entry, uint64_t now,
    struct err *e)
{
	struct wire_kvp_pair *p;
	int size, n;

	if (job_check(k, e) < 0 || pool_check(entry->pool, e) < 0)
		return -1;
	p = &job_begin(k, WIRE_KVP_SET, entry->pool)->u.pair;
	size = key_put(entry->key, p->key, e);
	if (size < 0)
		return -1;
	n = utf16_write(entry->value, p->value, sizeof(p->value));
	if (n < 0)
		return err_set(e, EINVAL,
		    "a value has at most %u letters of UTF-8",
		    WIRE_KVP_VALUE / 2 - 1);
	p->value_type = WIRE_KVP_STRING;
	p->key_size = (uint32_t)size;
	p->value_size = (uint32_t)n;
	return job_queue(k, now);
}

int
kvp_delete(struct kvp *k, const struct kvp_entry *entry, uint64_t now,
    struct err *e)
{
	struct wire_kvp_key *d;
	int size;

	if (job_check(k, e) < 0 || pool_check(entry->pool, e) < 0)
		return -1;
	d = &job_begin(k, WIRE_KVP_DELETE, entry->pool)->u.key;
	size = key_put(entry->key, d->key, e);
	if (size < 0)
		return -1;
	d->key_size = (uint32_t)size;
	return job_queue(k, now);
}

/* The guest compares letter by letter: digits above 9 are capital there. */
static bool
mac_is_plain(const char *mac)
{
	if (strlen(mac) != MAC_LETTERS)
		return false;
	for (size_t i = 0; i < MAC_LETTERS; i++)
		if (i % 3 == 2 ? mac[i] != ':'
			       : strchr("0123456789ABCDEF", mac[i]) == NULL)
			return false;
	return true;
}

int
kvp_get_ip(struct kvp *k, const char *mac, uint64_t now, struct err *e)
{
	struct wire_kvp_ip ip = { .op = WIRE_KVP_GET_IP };

	if (job_check(k, e) < 0)
		return -1;
	if (!mac_is_plain(mac))
		return err_set(e, EINVAL,
		    "not an address like 00:15:5D:00:00:01: \"%.40s\"", mac);
	utf16_write(mac, ip.adapter, sizeof(ip.adapter));
	memcpy(job_begin(k, WIRE_KVP_GET_IP, 0), &ip, sizeof(ip));
	return job_queue(k, now);
}

int
kvp_report(struct kvp *k, struct err *e)
{
	enum kvp_job_state state = k->job.state;

	if (state == KVP_JOB_WAITING || state == KVP_JOB_SENT)
		return err_set(e, EINPROGRESS,
		    "the guest has not answered yet");
	if (state == KVP_JOB_FAILED)
		*e = k->job.err;
	else if (state == KVP_JOB_NONE)
		err_set(e, ENOENT, "nothing was asked for");
	k->job.state = KVP_JOB_NONE;
	return state == KVP_JOB_DONE ? 0 : -1;
}
