/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest and providers that do any legal thing at any time, against what each
 * side may expect: every question gets its one answer, nobody else gets any.
 */
#include <criterion/criterion.h>

#include "guest.h"
#include "host.h"

#define HOSTS	4u
#define HANDLES	16u
#define STEPS	4000u

enum handle_state { NONE, CREATING, READY, TEARING };
enum channel_state { UNKNOWN, OFFERED, OPENING, OPEN, GONE };

static struct {
	struct host hosts[HOSTS];
	/* As the guest knows them; relids count from 1. */
	enum channel_state channels[HOSTS + 1];
	uint32_t rings[HOSTS + 1];
	enum handle_state handles[HANDLES];
	uint32_t owner[HANDLES];
	bool contacting, requesting, unloading, connected;
	uint64_t random;
} model;

static uint32_t
random_below(uint32_t limit)
{
	model.random ^= model.random >> 12;
	model.random ^= model.random << 25;
	model.random ^= model.random >> 27;
	return (uint32_t)(model.random * UINT64_C(0x2545f4914f6cdd1d) >> 33) %
	    limit;
}

/* The connection ends: the guest expects nothing of the former any more. */
static void
forget(void)
{
	memset(model.channels, 0, sizeof(model.channels));
	memset(model.handles, 0, sizeof(model.handles));
	model.connected = model.requesting = false;
	guest.slot_full = false;
	guest.seen = guest.count;
}

static void
read_gpadl(const union guest_message *m)
{
	uint32_t handle;

	if (m->header.type == MESSAGE_GPADL_CREATED) {
		handle = m->created.gpadl;
		cr_assert_eq(model.handles[handle], CREATING);
		cr_assert_eq(model.owner[handle], m->created.relid);
		model.handles[handle] = m->created.status == 0 ? READY : NONE;
	} else {
		handle = m->torndown.gpadl;
		cr_assert_eq(model.handles[handle], TEARING);
		model.handles[handle] = NONE;
	}
}

static void
read_rescind(uint32_t relid)
{
	cr_assert(model.channels[relid] != UNKNOWN &&
	    model.channels[relid] != GONE);
	/* Questions that crossed it are still answered. */
	for (uint32_t i = 0; i < HANDLES; i++)
		if (model.owner[i] == relid && model.handles[i] == READY)
			model.handles[i] = NONE;
	model.channels[relid] = GONE;
}

static void
read_message(const union guest_message *m)
{
	uint32_t relid = m->relid.relid;

	switch (m->header.type) {
	case MESSAGE_VERSION_RESPONSE:
		cr_assert(model.contacting);
		model.contacting = false;
		model.connected = true;
		break;
	case MESSAGE_UNLOAD_RESPONSE:
		cr_assert(model.unloading);
		model.unloading = false;
		break;
	case MESSAGE_OFFER:
		cr_assert_leq(m->offer.relid, HOSTS);
		cr_assert_eq(model.channels[m->offer.relid], UNKNOWN);
		model.channels[m->offer.relid] = OFFERED;
		break;
	case MESSAGE_ALL_OFFERS:
		cr_assert(model.requesting);
		model.requesting = false;
		break;
	case MESSAGE_OPEN_RESULT:
		cr_assert_eq(model.channels[relid], OPENING);
		model.channels[relid] = m->open_result.status == 0 ? OPEN :
		    OFFERED;
		break;
	case MESSAGE_RESCIND:
		read_rescind(relid);
		break;
	default:
		read_gpadl(m);
		break;
	}
}

static void
read_all(void)
{
	while (guest.seen < guest.count)
		read_message(&guest.inbox[guest.seen++]);
	guest.seen = guest.count = 0;
}

static void
step_contact(void)
{
	forget();
	model.unloading = false;
	model.contacting = true;
	cr_assert_eq(guest_contact(MESSAGE_VERSION_5_3), HV_SUCCESS);
}

static void
step_unload(void)
{
	forget();
	model.contacting = false;
	model.unloading = true;
	cr_assert_eq(guest_post_type(MESSAGE_UNLOAD), HV_SUCCESS);
}

static void
step_gpadl(uint32_t relid, uint32_t handle)
{
	bool usable = model.channels[relid] == OFFERED ||
	    model.channels[relid] == OPEN;

	if (model.handles[handle] == NONE && usable) {
		model.handles[handle] = CREATING;
		model.owner[handle] = relid;
		guest_gpadl(relid, handle, GUEST_RING_PAGES);
	} else if (model.handles[handle] == READY) {
		relid = model.owner[handle];
		if (model.channels[relid] >= OPENING &&
		    model.rings[relid] == handle)
			return;
		model.handles[handle] = TEARING;
		cr_assert_eq(guest_teardown(relid, handle), HV_SUCCESS);
	}
}

static void
step_channel(uint32_t relid, uint32_t handle)
{
	switch (model.channels[relid]) {
	case OFFERED:
		if (model.handles[handle] != READY ||
		    model.owner[handle] != relid)
			return;
		model.channels[relid] = OPENING;
		model.rings[relid] = handle;
		cr_assert_eq(guest_open(relid, handle, 0), HV_SUCCESS);
		break;
	case OPEN:
		/* As Linux does: nothing may be done with it in between. */
		model.channels[relid] = OFFERED;
		guest_post_relid(MESSAGE_CLOSE, relid);
		handle = model.rings[relid];
		model.handles[handle] = TEARING;
		cr_assert_eq(guest_teardown(relid, handle), HV_SUCCESS);
		break;
	case GONE:
		model.channels[relid] = UNKNOWN;
		guest_post_relid(MESSAGE_RELID_RELEASED, relid);
		break;
	default:
		break;
	}
}

/* Answer, with a yes or a no; take back; offer again. */
static void
step_host(struct host *h)
{
	uint32_t what = random_below(40);

	if (h->channel == NULL) {
		*h = (struct host){ .late = random_below(4) != 0 };
		host_offer(h, 1, (uint8_t)(h - model.hosts), 0, 0);
	} else if (what == 0) {
		host_stop(h);
		server_rescind(h->channel);
	} else {
		h->refuse = random_below(10) == 0;
		host_answer(h);
	}
}

static void
step(void)
{
	uint32_t relid = 1 + random_below(HOSTS);
	uint32_t handle = random_below(HANDLES);
	uint32_t what = random_below(200);

	if (what == 0 || (what < 20 && !model.connected && !model.unloading))
		step_contact();
	else if (what == 1 && model.connected)
		step_unload();
	else if (what < 80)
		step_host(&model.hosts[random_below(HOSTS)]);
	else if (what < 140)
		guest_take();
	else if (model.connected && what < 150 && !model.requesting) {
		model.requesting = true;
		guest_post_type(MESSAGE_REQUEST_OFFERS);
	} else if (model.connected && what < 180)
		step_gpadl(relid, handle);
	else if (model.connected)
		step_channel(relid, handle);
	read_all();
}

static bool
somebody_answers(void)
{
	bool any = guest_take();

	read_all();
	for (unsigned i = 0; i < HOSTS; i++) {
		model.hosts[i].refuse = false;
		any |= host_answer(&model.hosts[i]);
	}
	return any;
}

static void
play(uint64_t seed)
{
	guest_create();
	memset(&model, 0, sizeof(model));
	model.random = seed;
	guest.slow = true;
	for (unsigned i = 0; i < STEPS; i++)
		step();
	while (somebody_answers())
		continue;
	cr_assert_not(model.contacting || model.unloading ||
	    model.requesting);
	for (unsigned i = 1; i <= HOSTS; i++)
		cr_assert_neq(model.channels[i], OPENING, "seed %lx", seed);
	for (unsigned i = 0; i < HANDLES; i++)
		cr_assert(model.handles[i] == NONE ||
		    model.handles[i] == READY, "seed %lx", seed);
	guest_destroy();
}

Test(server_model, every_question_has_one_answer)
{
	for (uint64_t seed = 1; seed <= 40; seed++)
		play(seed * UINT64_C(0x9e3779b97f4a7c15));
}
