/* SPDX-License-Identifier: Apache-2.0 */
/* GET_VP_STATE and SET_VP_STATE of each kind. */
#include <errno.h>
#include <string.h>

#include <tlfs/synic.h>
#include <tlfs/vp.h>

#include "cases.h"

#define BUFFER (4 * GUEST_PAGE)

static uint8_t buffer[BUFFER] __attribute__((aligned(4096)));

static int
state_request(struct guest *g, unsigned long request, uint8_t type,
    uint32_t *size)
{
	struct mshv_state_request r = {
		.type = type,
		.size = *size,
		.buffer = (uintptr_t)buffer,
	};
	int result = ioctl(g->vp, request, &r);

	*size = r.size;
	return result;
}

static int
state_get(struct guest *g, uint8_t type)
{
	uint32_t size = type == MSHV_STATE_XSAVE ? BUFFER : GUEST_PAGE;

	memset(buffer, 0xaa, sizeof(buffer));
	return state_request(g, MSHV_GET_VP_STATE, type, &size);
}

static int
state_set(struct guest *g, uint8_t type)
{
	uint32_t size = type == MSHV_STATE_XSAVE ? BUFFER : GUEST_PAGE;

	return state_request(g, MSHV_SET_VP_STATE, type, &size);
}

/* What was got can be set, and is then got again. */
static const char *
round_trip(struct guest *g, uint8_t type)
{
	static uint8_t first[BUFFER];

	EXPECT_OK(state_get(g, type));
	memcpy(first, buffer, sizeof(first));
	EXPECT_OK(state_set(g, type));
	EXPECT_OK(state_get(g, type));
	EXPECT(memcmp(first, buffer, sizeof(first)) == 0,
	    "it is another one afterwards");
	return NULL;
}

static const char *
apic_round_trip(struct guest *g)
{
	return round_trip(g, MSHV_STATE_LAPIC);
}

static const char *
xsave_round_trip(struct guest *g)
{
	return round_trip(g, MSHV_STATE_XSAVE);
}

static const char *
messages_round_trip(struct guest *g)
{
	EXPECT_OK(guest_set(g, HV_REGISTER_SIMP, 0x30001));
	return round_trip(g, MSHV_STATE_SIMP);
}

static const char *
events_round_trip(struct guest *g)
{
	EXPECT_OK(guest_set(g, HV_REGISTER_SIEFP, 0x31001));
	return round_trip(g, MSHV_STATE_SIEFP);
}

static const char *
timers_round_trip(struct guest *g)
{
	return round_trip(g, MSHV_STATE_TIMERS);
}

static const char *
apic_is_as_after_reset(struct guest *g)
{
	struct hv_local_interrupt_controller_state *apic = (void *)buffer;

	EXPECT_OK(state_get(g, MSHV_STATE_LAPIC));
	EXPECT_EQ(apic->apic_id & 0xff, 0);
	EXPECT_EQ(apic->apic_version & 0xf0, 0x10);
	EXPECT_EQ(apic->apic_spurious & 0x1ff, 0xff);
	EXPECT_EQ(apic->apic_lvt[0] & 0x10000, 0x10000);
	EXPECT_EQ(apic->apic_lvt[3] & 0x10000, 0x10000);
	for (int i = 0; i < 8; i++)
		EXPECT_EQ(apic->apic_irr[i] | apic->apic_isr[i], 0);
	return NULL;
}

/* VMMs write LINT0 as ExtINT and LINT1 as NMI before the first run. */
static const char *
apic_takes_its_local_entries(struct guest *g)
{
	struct hv_local_interrupt_controller_state *apic = (void *)buffer;

	EXPECT_OK(state_get(g, MSHV_STATE_LAPIC));
	apic->apic_spurious |= 0x100;	/* else they are all masked */
	apic->apic_lvt[3] = 0x700;
	apic->apic_lvt[4] = 0x400;
	EXPECT_OK(state_set(g, MSHV_STATE_LAPIC));
	EXPECT_OK(state_get(g, MSHV_STATE_LAPIC));
	EXPECT_EQ(apic->apic_lvt[3], 0x700);
	EXPECT_EQ(apic->apic_lvt[4], 0x400);
	return NULL;
}

static const char *
timers_are_kept(struct guest *g)
{
	struct hv_synthetic_timers_state *t = (void *)buffer;

	EXPECT_OK(state_get(g, MSHV_STATE_TIMERS));
	EXPECT_EQ(t->timers[0].config & HV_STIMER_ENABLE, 0);
	t->timers[1].config = HV_STIMER_DIRECT | 0xed0;
	EXPECT_OK(state_set(g, MSHV_STATE_TIMERS));
	EXPECT_OK(state_get(g, MSHV_STATE_TIMERS));
	EXPECT_EQ(t->timers[1].config, HV_STIMER_DIRECT | 0xed0);
	return NULL;
}

static const char *
xsave_shows_registers(struct guest *g)
{
	union hv_register_value v = { .reg128 = { 0x1234, 0x5678 } };
	uint64_t low;

	EXPECT_OK(guest_set_value(g, HV_REGISTER_XMM0 + 3, &v));
	EXPECT_OK(state_get(g, MSHV_STATE_XSAVE));
	/* XMM0 is at byte 160 of the area, 16 bytes each. */
	memcpy(&low, buffer + 160 + 3 * 16, sizeof(low));
	EXPECT_EQ(low, 0x1234);
	return NULL;
}

static const char *
bad_requests_are_refused(struct guest *g)
{
	struct mshv_state_request r = {
		.type = MSHV_STATES,
		.size = GUEST_PAGE,
		.buffer = (uintptr_t)buffer,
	};

	EXPECT_ERRNO(ioctl(g->vp, MSHV_GET_VP_STATE, &r), EINVAL);
	r.type = MSHV_STATE_LAPIC;
	r.size = 100;
	EXPECT_ERRNO(ioctl(g->vp, MSHV_GET_VP_STATE, &r), EINVAL);
	r.size = 0;
	EXPECT_ERRNO(ioctl(g->vp, MSHV_GET_VP_STATE, &r), EINVAL);
	r.size = GUEST_PAGE;
	r.buffer += 8;
	EXPECT_ERRNO(ioctl(g->vp, MSHV_GET_VP_STATE, &r), EINVAL);
	r.buffer -= 8;
	r.reserved[1] = 1;
	EXPECT_ERRNO(ioctl(g->vp, MSHV_SET_VP_STATE, &r), EINVAL);
	return NULL;
}

static const char *
garbage_hurts_nobody(struct guest *g)
{
	for (uint8_t type = 0; type < MSHV_STATES; type++) {
		memset(buffer, 0xff, sizeof(buffer));
		(void)state_set(g, type);
	}
	guest_remove(g);
	EXPECT_OK(guest_make(g, GUEST_VP));
	EXPECT_OK(state_get(g, MSHV_STATE_LAPIC));
	return NULL;
}

static const struct abi_case state_cases[] = {
	{ "apic-round-trip", GUEST_VP, apic_round_trip },
	{ "xsave-round-trip", GUEST_VP, xsave_round_trip },
	{ "messages-round-trip", GUEST_VP, messages_round_trip },
	{ "events-round-trip", GUEST_VP, events_round_trip },
	{ "timers-round-trip", GUEST_VP, timers_round_trip },
	{ "apic-is-as-after-reset", GUEST_VP, apic_is_as_after_reset },
	{ "apic-takes-its-local-entries", GUEST_VP,
	    apic_takes_its_local_entries },
	{ "timers-are-kept", GUEST_VP, timers_are_kept },
	{ "xsave-shows-registers", GUEST_VP, xsave_shows_registers },
	{ "bad-requests-are-refused", GUEST_VP, bad_requests_are_refused },
	{ "garbage-hurts-nobody", GUEST_VP, garbage_hurts_nobody },
};
ABI_GROUP(state);
