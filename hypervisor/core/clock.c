/* SPDX-License-Identifier: Apache-2.0 */
/* Time as partitions see it, and what is due at a time. */
#include "core/clock.h"
#include "core/memory_access.h"
#include "core/partition.h"
#include "core/synic_access.h"
#include "core/intercept.h"
#include "core/vp.h"
#include "x86/cpu.h"

static struct reftime_rate rate;

void
clock_init(uint64_t tsc_hz)
{
	rate = reftime_rate(tsc_hz);
}

uint64_t
clock_now(const struct partition *part)
{
	return reftime_now(&part->time, &rate, rdtsc());
}

uint64_t
clock_span(uint64_t ticks)
{
	return reftime_of_tsc(&rate, ticks);
}

/* The page that guests read must tell the same time as we do. */
static void
clock_changed(struct partition *part)
{
	uint32_t count = READ_ONCE(part->vp_count);

	clock_page_fill(part);
	for (uint32_t i = 0; i < count; i++) {
		struct vp *vp = partition_vp(part, i);

		if (vp != NULL)
			vp_request(vp, VP_REQ_TIMER);
	}
}

void
clock_page_fill(struct partition *part)
{
	if (part->tsc_page.v == 0)
		return;
	reftime_fill_page(&part->time, &rate, 0, spa_to_ptr(part->tsc_page));
}

void
clock_set(struct partition *part, uint64_t value)
{
	reftime_set(&part->time, &rate, rdtsc(), value);
	clock_changed(part);
}

void
clock_freeze(struct partition *part, bool freeze)
{
	if (freeze)
		reftime_freeze(&part->time, &rate, rdtsc());
	else
		reftime_thaw(&part->time, &rate, rdtsc());
	clock_changed(part);
}

uint64_t
vp_deadline(const struct vp *vp)
{
	uint64_t apic = vapic_timer_deadline(&vp->apic);
	uint64_t synthetic = stimers_deadline(&vp->timers);

	if (synthetic == STIMER_NEVER)
		return apic;
	synthetic = reftime_to_tsc(&vp->part->time, &rate, rdtsc(),
	    synthetic);
	return MIN(apic, synthetic);
}

/* Timer messages that are owed; what finds its slot full stays so. */
static void
timers_post(struct vp *vp, uint64_t now)
{
	uint8_t owed = stimers_owed(&vp->timers);
	struct hv_message msg;

	for (unsigned int i = 0; i < HV_STIMER_COUNT; i++) {
		unsigned int sint;

		if ((owed >> i & 1) == 0)
			continue;
		stimers_message(&vp->timers, i, now, &msg, &sint);
		/* A closed slot swallows it, as it does on the original. */
		if (synic_post(vp, sint, &msg) != SYNIC_BUSY)
			stimers_delivered(&vp->timers, i);
	}
}

void
vp_timers_expire(struct vp *vp)
{
	uint64_t tsc = rdtsc();
	uint64_t now = reftime_now(&vp->part->time, &rate, tsc);
	uint8_t vectors[HV_STIMER_COUNT];
	uint8_t vector;
	unsigned int n;
	uint16_t slots;

	n = stimers_expire(&vp->timers, now, vectors);
	for (unsigned int i = 0; i < n; i++)
		vapic_post(&vp->apic, vectors[i], VAPIC_EDGE);
	if (vapic_timer_deadline(&vp->apic) <= tsc &&
	    vapic_timer_expire(&vp->apic, tsc, &vector))
		vapic_post(&vp->apic, vector, VAPIC_EDGE);
	timers_post(vp, now);
	vp_timer_update(vp);
	slots = READ_ONCE(vp->notify_sints);
	if (slots == 0)
		return;
	slots &= synic_free_slots(vp);
	if (slots != 0) {
		atomic_fetch_and(&vp->notify_sints, (uint16_t)~slots);
		intercept_deliverable(vp, slots);
	}
}
