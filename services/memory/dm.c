/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One step at a time, each begun when the last has ended, until the guest has
 * what is wanted. A page that the guest gives up is on the worker's ledger
 * before the guest is listened to again; one that it gets back is off the
 * ledger before the guest is told.
 */
#include "memory/dm.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "manager/size.h"

#define MIB_PAGES (UINT64_C(1048576) / DM_PAGE)
/* What is asked of the guest at once, and what it frees without a pause. */
#define BALLOON_PAGES (1024 * MIB_PAGES)
#define RETURN_PAGES (32 * MIB_PAGES)
/* Kernels want no less; more is what large ones say. */
#define ALIGN_LOG2_MIB_MIN 7
/* Retries are not worth it: 0 pages, and it says why. */
#define ADD_FAILED 0

void
dm_init(struct dm *d, uint64_t min, uint64_t max)
{
	memset(d, 0, sizeof(*d));
	d->min = min;
	d->max = max;
	d->deadline = DM_NEVER;
	d->request_unsent = d->for_worker = true;
	d->request.op = PROVIDER_MEMORY_TELL;
}

uint64_t
dm_assigned(const struct dm *d)
{
	return d->present - d->given_up;
}

bool
dm_demanded(const struct dm *d, uint64_t *pages)
{
	/* It counts what it gave up as in use. */
	*pages = d->committed > d->given_up ? d->committed - d->given_up : 0;
	return d->has_pressure;
}

const char *
dm_state_name(enum dm_state state)
{
	static const char *const names[] = {
		[DM_CLOSED] = "none",
		[DM_GREETING] = "starting",
		[DM_READY] = "ready",
		[DM_BROKEN] = "broken",
	};

	return names[state];
}

static void
pages_format(uint64_t pages, char out[SIZE_TEXT_MAX])
{
	/* What is shown need not be exact to the page. */
	size_format(pages >= MIB_PAGES ?
	    pages / MIB_PAGES * MIB_PAGES * DM_PAGE : pages * DM_PAGE, out);
}

/* Nobody wants anything any more; the step may still go on. */
static void
finish(struct dm *d, const struct err *outcome)
{
	if (!d->wanted)
		return;
	d->wanted = false;
	d->outcome = *outcome;
}

/* It has done what it can; @why is for a person. */
static void
give_in(struct dm *d, const char *why)
{
	char has[SIZE_TEXT_MAX], goal[SIZE_TEXT_MAX];
	struct err e;

	pages_format(dm_assigned(d), has);
	pages_format(d->goal, goal);
	err_set(&e, ENOSPC, "%s: it has %s now, not %s", why, has, goal);
	finish(d, &e);
}

/* --- For the worker --- */

static void
ask(struct dm *d, enum provider_memory_op op, uint64_t pages,
    unsigned range_count)
{
	d->request = (struct provider_memory_request){
		.op = op, .epoch = d->epoch, .pages = pages,
		.align = d->align, .range_count = range_count,
	};
	d->request_unsent = d->for_worker = true;
}

const struct provider_memory_request *
dm_request(struct dm *d)
{
	_Static_assert(offsetof(struct dm, ranges) ==
	    offsetof(struct dm, request) + sizeof(d->request),
	    "they are one message");

	if (!d->request_unsent)
		return NULL;
	d->request_unsent = false;
	d->request.head = (struct provider_head){
		.type = PROVIDER_MEMORY_REQUEST,
		.size = (uint32_t)(sizeof(d->request) +
		    d->request.range_count * sizeof(d->ranges[0])),
	};
	return &d->request;
}

/* --- For the guest --- */

/* @message may be the packet itself. */
static void
send(struct dm *d, void *message, size_t size, enum dm_wire_type type)
{
	const struct dm_wire_head head = {
		.type = (uint16_t)type,
		.size = (uint16_t)size,
		.transaction = ++d->transaction,
	};

	assert(d->unsent == 0 && size <= sizeof(d->packet));
	memcpy(message, &head, sizeof(head));
	if (message != d->packet)
		memcpy(d->packet, message, size);
	d->unsent = size;
}

const uint8_t *
dm_unsent(const struct dm *d, size_t *size)
{
	*size = d->unsent;
	return d->unsent != 0 ? d->packet : NULL;
}

static uint64_t
range_pack(const struct provider_memory_range *r)
{
	return r->pfn | r->pages << DM_WIRE_PFN_BITS;
}

static void
range_unpack(const uint8_t *at, struct provider_memory_range *r)
{
	uint64_t packed;

	memcpy(&packed, at, sizeof(packed));
	r->pfn = packed & ((UINT64_C(1) << DM_WIRE_PFN_BITS) - 1);
	r->pages = packed >> DM_WIRE_PFN_BITS;
}

static void
balloon_send(struct dm *d)
{
	struct dm_wire_balloon m = { .pages = (uint32_t)d->asked };

	send(d, &m, sizeof(m), DM_WIRE_BALLOON);
}

static void
unballoon_send(struct dm *d, const struct provider_memory_range *ranges,
    uint32_t count)
{
	struct dm_wire_unballoon m = { .range_count = count };
	size_t size = sizeof(m) + count * sizeof(m.ranges[0]);

	memcpy(d->packet, &m, sizeof(m));
	for (uint32_t i = 0; i < count; i++) {
		uint64_t packed = range_pack(&ranges[i]);

		memcpy(d->packet + sizeof(m) + i * sizeof(packed), &packed,
		    sizeof(packed));
	}
	send(d, d->packet, size, DM_WIRE_UNBALLOON);
}

/* --- Steps --- */

static void
step_begin(struct dm *d, enum dm_step step, uint64_t asked, uint64_t now)
{
	d->step = step;
	d->asked = asked;
	d->got = 0;
	d->deadline = now + DM_STEP_LIMIT;
}

static void
step_end(struct dm *d)
{
	d->step = DM_STEP_NONE;
	d->more = false;
	d->deadline = DM_NEVER;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void
shrink(struct dm *d, uint64_t now)
{
	uint64_t pages = least(dm_assigned(d) - d->goal, BALLOON_PAGES);

	if ((d->can & DM_WIRE_CAN_BALLOON) == 0) {
		give_in(d, "the guest cannot give memory up");
		return;
	}
	step_begin(d, DM_STEP_BALLOON, pages, now);
	balloon_send(d);
}

static void
grow(struct dm *d, uint64_t now)
{
	uint64_t pages = d->goal - dm_assigned(d);

	if (d->given_up != 0) {
		pages = least(least(pages, d->given_up), RETURN_PAGES);
		step_begin(d, DM_STEP_TAKE, pages, now);
		ask(d, PROVIDER_MEMORY_TAKE, pages, 0);
	} else if ((d->can & DM_WIRE_CAN_ADD) == 0 || d->full) {
		give_in(d, "the guest takes no memory that is added");
	} else {
		/* Whole blocks; what is too much it gives up again. */
		step_begin(d, DM_STEP_ADD, d->align, now);
		ask(d, PROVIDER_MEMORY_ADD, d->align, 0);
	}
}

/* Begin what is to be done next, if anything is. */
static void
proceed(struct dm *d, uint64_t now)
{
	static const struct err done = { .code = 0 };

	if (d->state != DM_READY || d->step != DM_STEP_NONE || d->for_worker ||
	    d->unsent != 0 || !d->wanted)
		return;
	if (dm_assigned(d) > d->goal)
		shrink(d, now);
	else if (dm_assigned(d) < d->goal)
		grow(d, now);
	else
		finish(d, &done);
}

void
dm_sent(struct dm *d, uint64_t now)
{
	d->unsent = 0;
	proceed(d, now);
}

/* --- What the guest says --- */

static int
nonsense(struct dm *d, const char *what, struct err *e)
{
	d->state = DM_BROKEN;
	step_end(d);
	err_set(e, EPROTO, "dynamic memory: the guest sent %s", what);
	give_in(d, "the guest broke the rules");
	return -1;
}

static int
on_version(struct dm *d, const struct dm_wire_version *m)
{
	struct dm_wire_response r = { .flags = 0 };

	if (m->version == DM_WIRE_VERSION)
		r.flags = DM_WIRE_ACCEPTED;
	send(d, &r, sizeof(r), DM_WIRE_VERSION_RESPONSE);
	return 0;
}

static int
on_capabilities(struct dm *d, const struct dm_wire_capabilities *m)
{
	struct dm_wire_response r = { .flags = DM_WIRE_ACCEPTED };
	uint64_t log2 = m->can >> DM_WIRE_ALIGN_SHIFT & DM_WIRE_ALIGN_MASK;

	if (log2 < ALIGN_LOG2_MIB_MIN)
		log2 = ALIGN_LOG2_MIB_MIN;
	d->can = m->can;
	d->align = MIB_PAGES << log2;
	d->state = DM_READY;
	send(d, &r, sizeof(r), DM_WIRE_CAPABILITIES_RESPONSE);
	return 0;
}

static int
on_status(struct dm *d, const struct dm_wire_status *m)
{
	d->has_pressure = true;
	d->available = m->available;
	d->committed = m->committed;
	return 0;
}

/* The ranges of a balloon response, which go to the worker. */
static int
ranges_take(struct dm *d, const uint8_t *at, uint32_t count, struct err *e)
{
	for (uint32_t i = 0; i < count; i++) {
		struct provider_memory_range *r = &d->ranges[i];

		range_unpack(at + i * sizeof(uint64_t), r);
		if (r->pages == 0 || r->pages > d->asked - d->got)
			return nonsense(d, "more pages than it was asked for",
			    e);
		d->got += r->pages;
	}
	return 0;
}

/* It has given up what it was asked for, or what it can. */
static void
balloon_end(struct dm *d)
{
	bool short_of_it = d->got < d->asked;

	step_end(d);
	if (short_of_it && d->wanted)
		give_in(d, "the guest needs the rest itself");
}

static int
on_balloon(struct dm *d, const uint8_t *message, size_t len, uint64_t now,
    struct err *e)
{
	struct dm_wire_balloon_response m;
	uint32_t count;

	memcpy(&m, message, sizeof(m));
	count = m.more_and_count >> 1;
	if (d->step != DM_STEP_BALLOON)
		return nonsense(d, "pages that nobody asked for", e);
	if (count > PROVIDER_MEMORY_RANGES_MAX ||
	    count * sizeof(uint64_t) > len - sizeof(m))
		return nonsense(d, "a list of pages that is cut off", e);
	if (ranges_take(d, message + sizeof(m), count, e) < 0)
		return -1;
	d->more = (m.more_and_count & DM_WIRE_MORE) != 0;
	d->deadline = now + DM_STEP_LIMIT;
	if (count != 0)
		ask(d, PROVIDER_MEMORY_GIVEN_UP, 0, count);
	else if (!d->more)
		balloon_end(d);
	return 0;
}

static int
on_returned(struct dm *d, struct err *e)
{
	if (d->step != DM_STEP_RETURN)
		return nonsense(d, "an answer to nothing", e);
	step_end(d);
	return 0;
}

static int
on_added(struct dm *d, const struct dm_wire_add_response *m, struct err *e)
{
	if (d->step != DM_STEP_OFFER)
		return nonsense(d, "an answer to nothing", e);
	if (m->pages > d->asked)
		return nonsense(d, "more pages than it was given", e);
	/* Less is as much as it will ever have. */
	if (m->pages < d->asked && (m->pages != 0 || m->result != ADD_FAILED))
		d->full = true;
	if (m->pages != 0) {
		step_end(d);
		return 0;
	}
	d->step = DM_STEP_DROP;
	ask(d, PROVIDER_MEMORY_DROP, d->asked, 0);
	return 0;
}

/* How long a message is at least; 0: there is none of that type. */
static size_t
size_of(uint16_t type)
{
	switch (type) {
	case DM_WIRE_VERSION_REQUEST:
		return sizeof(struct dm_wire_version);
	case DM_WIRE_CAPABILITIES:
		return sizeof(struct dm_wire_capabilities);
	case DM_WIRE_STATUS:
		return sizeof(struct dm_wire_status);
	case DM_WIRE_BALLOON_RESPONSE:
		return sizeof(struct dm_wire_balloon_response);
	case DM_WIRE_UNBALLOON_RESPONSE:
		return sizeof(struct dm_wire_head);
	case DM_WIRE_ADD_RESPONSE:
		return sizeof(struct dm_wire_add_response);
	default:
		return 0;
	}
}

static int
message_take(struct dm *d, const uint8_t *message, size_t len, uint64_t now,
    struct err *e)
{
	union {
		struct dm_wire_head head;
		struct dm_wire_version version;
		struct dm_wire_capabilities capabilities;
		struct dm_wire_status status;
		struct dm_wire_add_response added;
	} m = { .head = { 0 } };

	memcpy(&m, message, len < sizeof(m) ? len : sizeof(m));
	if ((d->state == DM_GREETING) != (m.head.type <= DM_WIRE_CAPABILITIES))
		return nonsense(d, "a message out of order", e);
	switch (m.head.type) {
	case DM_WIRE_VERSION_REQUEST:
		return on_version(d, &m.version);
	case DM_WIRE_CAPABILITIES:
		return on_capabilities(d, &m.capabilities);
	case DM_WIRE_STATUS:
		return on_status(d, &m.status);
	case DM_WIRE_BALLOON_RESPONSE:
		return on_balloon(d, message, len, now, e);
	case DM_WIRE_UNBALLOON_RESPONSE:
		return on_returned(d, e);
	default:
		return on_added(d, &m.added, e);
	}
}

bool
dm_takes(const struct dm *d)
{
	return !d->for_worker && d->unsent == 0 && d->state != DM_CLOSED;
}

int
dm_receive(struct dm *d, const uint8_t *message, size_t len, uint64_t now,
    struct err *e)
{
	struct dm_wire_head head;
	int ret;

	assert(dm_takes(d));
	if (d->state == DM_BROKEN)
		return 0;
	if (len < sizeof(head))
		return nonsense(d, "less than a message", e);
	memcpy(&head, message, sizeof(head));
	/* What fills the packet up is not the message's. */
	if (head.size > len || head.size < sizeof(head) ||
	    size_of(head.type) == 0 || head.size < size_of(head.type))
		return nonsense(d, "a message that makes no sense", e);
	ret = message_take(d, message, head.size, now, e);
	proceed(d, now);
	return ret;
}

/* --- What the worker says --- */

static void
taken(struct dm *d, const struct provider_memory_answer *a, uint64_t now)
{
	if (a->status != 0 || a->range_count == 0) {
		step_end(d);
		give_in(d, "what the guest gave up is not there");
		return;
	}
	if (d->state != DM_READY) {
		/* It was never told: it does not use them. */
		step_end(d);
		memcpy(d->ranges, a->ranges,
		    a->range_count * sizeof(d->ranges[0]));
		ask(d, PROVIDER_MEMORY_GIVEN_UP, 0, a->range_count);
		return;
	}
	step_begin(d, DM_STEP_RETURN, d->asked, now);
	unballoon_send(d, a->ranges, a->range_count);
}

static void
added(struct dm *d, const struct provider_memory_answer *a, uint64_t now)
{
	struct dm_wire_add m = { .range = 0 };

	if (a->status != 0 || a->range_count != 1) {
		step_end(d);
		give_in(d, "there is no room to add memory");
		return;
	}
	if (d->state != DM_READY) {
		step_end(d);
		ask(d, PROVIDER_MEMORY_DROP, a->ranges[0].pages, 0);
		return;
	}
	m.range = range_pack(&a->ranges[0]);
	step_begin(d, DM_STEP_OFFER, a->ranges[0].pages, now);
	send(d, &m, sizeof(m), DM_WIRE_ADD);
}

static void
given_up(struct dm *d, const struct provider_memory_answer *a)
{
	if (d->step != DM_STEP_BALLOON)
		return;
	if (a->status != 0) {
		d->state = DM_BROKEN;
		step_end(d);
		give_in(d, "the guest gave up memory that it does not have");
	} else if (!d->more) {
		balloon_end(d);
	}
}

void
dm_answer(struct dm *d, const struct provider_memory_answer *a, uint64_t now)
{
	if (!d->for_worker || d->request_unsent || a->op != d->request.op)
		return;
	d->for_worker = false;
	d->has_figures = true;
	d->epoch = a->epoch;
	d->present = a->present;
	d->given_up = a->given_up;
	switch (a->op) {
	case PROVIDER_MEMORY_TAKE:
		taken(d, a, now);
		break;
	case PROVIDER_MEMORY_ADD:
		added(d, a, now);
		break;
	case PROVIDER_MEMORY_GIVEN_UP:
		given_up(d, a);
		break;
	case PROVIDER_MEMORY_DROP:
		if (d->step != DM_STEP_DROP)
			break;
		step_end(d);
		give_in(d, "the guest did not take the memory");
		break;
	default:
		break;
	}
	proceed(d, now);
}

/* --- What else happens --- */

void
dm_open(struct dm *d)
{
	d->state = DM_GREETING;
	d->full = d->has_pressure = false;
}

/* What was meant for the guest and never left: all is as it was before. */
static void
unsent_undo(struct dm *d)
{
	struct dm_wire_unballoon m;

	memcpy(&m, d->packet, sizeof(m));
	switch (d->step) {
	case DM_STEP_RETURN:
		for (uint32_t i = 0; i < m.range_count; i++)
			range_unpack(d->packet + sizeof(m) +
			    i * sizeof(uint64_t), &d->ranges[i]);
		ask(d, PROVIDER_MEMORY_GIVEN_UP, 0, m.range_count);
		break;
	case DM_STEP_OFFER:
		ask(d, PROVIDER_MEMORY_DROP, d->asked, 0);
		break;
	default:
		break;
	}
}

void
dm_close(struct dm *d)
{
	struct err e;

	if (d->unsent != 0 && !d->for_worker)
		unsent_undo(d);
	err_set(&e, ENOTCONN, "the guest's driver has left meanwhile");
	finish(d, &e);
	d->state = DM_CLOSED;
	d->has_pressure = false;
	d->unsent = 0;
	/* What the worker has been asked for ends with its answer. */
	if (d->step != DM_STEP_TAKE && d->step != DM_STEP_ADD)
		step_end(d);
}

void
dm_forget(struct dm *d)
{
	/* The answer to whatever is on its way brings the new figures. */
	if (d->for_worker)
		return;
	ask(d, PROVIDER_MEMORY_TELL, 0, 0);
}

int
dm_set(struct dm *d, uint64_t pages, uint64_t now, struct err *e)
{
	char text[SIZE_TEXT_MAX];

	if (d->state != DM_READY || !d->has_figures)
		return err_set(e, ENOTCONN, d->state == DM_BROKEN ?
		    "the guest's driver broke the rules" :
		    "the guest runs no driver for dynamic memory "
		    "(Linux: hv_balloon)");
	if (pages < d->min) {
		pages_format(d->min, text);
		return err_set(e, EINVAL, "less than memory-min, %s", text);
	}
	if (pages > d->max) {
		pages_format(d->max, text);
		return err_set(e, EINVAL, "more than memory-max, %s", text);
	}
	if (d->wanted || d->step != DM_STEP_NONE)
		return err_set(e, EBUSY,
		    "the guest is busy with an earlier change");
	d->wanted = true;
	d->goal = pages;
	err_set(&d->outcome, EINPROGRESS, "under way");
	proceed(d, now);
	return 0;
}

int
dm_outcome(const struct dm *d, struct err *e)
{
	if (d->outcome.code == 0)
		return 0;
	*e = d->outcome;
	return -1;
}

void
dm_patience(struct dm *d, uint64_t now)
{
	if (d->deadline != DM_NEVER)
		d->deadline = now + DM_STEP_LIMIT;
}

void
dm_tick(struct dm *d, uint64_t now)
{
	if (now < d->deadline)
		return;
	/* Its answer still counts, should it come. */
	d->deadline = DM_NEVER;
	give_in(d, "the guest does not answer");
}

uint64_t
dm_deadline(const struct dm *d)
{
	return d->deadline;
}
