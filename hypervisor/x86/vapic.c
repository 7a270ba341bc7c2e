/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual local APIC: interrupts asked for, in service and at their end. */
#include "x86/vapic.h"

#include "core/bits.h"

#define WORD(vector)	((vector) / 64u)
#define MASK(vector)	BIT((vector) % 64u)
#define CLASS(priority)	((priority) >> 4)

/*
 * The highest vector in @map, or 0: nobody may ask for that one. Written out,
 * because it is part of every interrupt.
 */
static inline unsigned int
map_highest(const uint64_t *map)
{
	uint64_t bits;

	_Static_assert(VAPIC_MAP_WORDS == 4, "the words below");
	bits = READ_ONCE(map[3]);
	if (bits != 0)
		return 192 + bits_highest(bits);
	bits = READ_ONCE(map[2]);
	if (bits != 0)
		return 128 + bits_highest(bits);
	bits = READ_ONCE(map[1]);
	if (bits != 0)
		return 64 + bits_highest(bits);
	bits = READ_ONCE(map[0]);
	return bits != 0 ? bits_highest(bits) : 0;
}

static void
ppr_update(struct vapic *v)
{
	unsigned int in_service;

	v->ppr = v->tpr;
	if (v->in_service == 0)
		return;
	in_service = map_highest(v->isr);
	if (CLASS(in_service) > CLASS(v->tpr))
		v->ppr = (uint8_t)(in_service & 0xf0);
}

static void
mark(uint64_t *map, uint8_t vector, bool is)
{
	if (is)
		atomic_fetch_or(&map[WORD(vector)], MASK(vector));
	else
		atomic_fetch_and(&map[WORD(vector)], ~MASK(vector));
}

/*
 * Marks stay until the vector is posted in another way: between its offer and
 * its acceptance it may be posted once more, and that needs them, too.
 */
static void
mark_kind(struct vapic *v, uint8_t vector, enum vapic_kind kind)
{
	mark(v->tmr, vector, kind == VAPIC_LEVEL);
	mark(v->auto_eoi, vector,
	    kind == VAPIC_AUTO_EOI || kind == VAPIC_EXTERNAL);
	mark(v->external, vector, kind == VAPIC_EXTERNAL);
}

bool
vapic_post(struct vapic *v, uint8_t vector, enum vapic_kind kind)
{
	unsigned int word = WORD(vector);
	uint64_t mask = MASK(vector);

	if (vector < VAPIC_FIRST_VECTOR) {
		atomic_fetch_or(&v->errors, (uint8_t)VAPIC_ERROR_RECEIVE);
		return false;
	}
	if (!READ_ONCE(v->accepting))
		return false;
	/* Nearly all are plain, and were: no atomic operation for those. */
	if (kind != VAPIC_EDGE || ((READ_ONCE(v->tmr[word]) |
	    READ_ONCE(v->auto_eoi[word])) & mask) != 0)
		mark_kind(v, vector, kind);
	return (atomic_fetch_or(&v->irr[word], mask) & mask) == 0;
}

bool
vapic_retract_external(struct vapic *v)
{
	uint64_t found = 0;

	for (unsigned int word = 0; word < VAPIC_MAP_WORDS; word++) {
		uint64_t bits = READ_ONCE(v->external[word]);

		found |= atomic_fetch_and(&v->irr[word], ~bits) & bits;
	}
	return found != 0;
}

int
vapic_pending(const struct vapic *v)
{
	unsigned int vector = map_highest(v->irr);

	if (CLASS(vector) <= CLASS(v->ppr) || !v->accepting)
		return -1;
	return (int)vector;
}

void
vapic_offer(struct vapic *v, uint8_t vector)
{
	atomic_fetch_and(&v->irr[WORD(vector)], ~MASK(vector));
}

void
vapic_withdraw(struct vapic *v, uint8_t vector)
{
	atomic_fetch_or(&v->irr[WORD(vector)], MASK(vector));
}

void
vapic_accept(struct vapic *v, uint8_t vector)
{
	if (vapic_is_auto_eoi(v, vector))
		return;
	v->isr[WORD(vector)] |= MASK(vector);
	v->in_service++;
	/* Its class is above what was in service, or it would be waiting. */
	v->ppr = vector & 0xf0;
}

uint8_t
vapic_eoi(struct vapic *v, bool *level)
{
	unsigned int vector;

	*level = false;
	if (v->in_service == 0)
		return 0;
	vector = map_highest(v->isr);
	v->isr[WORD(vector)] &= ~MASK(vector);
	v->in_service--;
	ppr_update(v);
	*level = (READ_ONCE(v->tmr[WORD(vector)]) & MASK(vector)) != 0;
	return (uint8_t)vector;
}

void
vapic_set_tpr(struct vapic *v, uint8_t tpr)
{
	v->tpr = tpr;
	ppr_update(v);
}

static bool
matches_logical(const struct vapic *v, uint32_t destination)
{
	uint32_t ldr = READ_ONCE(v->ldr);

	if (vapic_is_x2apic(v))
		return ldr >> 16 == destination >> 16 &&
		    (ldr & destination & 0xffff) != 0;
	if (destination > 0xff)
		return false;
	ldr >>= 24;
	if (READ_ONCE(v->dfr) >> 28 == 0xf)
		return (ldr & destination) != 0;
	/* Cluster model: four clusters bits, four members. */
	return ldr >> 4 == destination >> 4 && (ldr & destination & 0xf) != 0;
}

bool
vapic_matches(const struct vapic *v, uint32_t destination, bool logical,
    bool x2apic)
{
	if ((READ_ONCE(v->base) & VAPIC_BASE_ENABLE) == 0)
		return false;
	if (destination == (x2apic ? UINT32_MAX : 0xff))
		return true;
	if (!logical)
		return destination == v->id;
	return matches_logical(v, destination);
}

bool
vapic_lint(const struct vapic *v, unsigned int pin,
    enum vapic_delivery *delivery, uint8_t *vector)
{
	uint32_t lvt = v->lvt[VAPIC_LVT_LINT0 - VAPIC_LVT_TIMER + pin];

	if ((lvt & VAPIC_LVT_MASKED) != 0)
		return false;
	*delivery = (enum vapic_delivery)((lvt & VAPIC_LVT_DELIVERY) >> 8);
	*vector = (uint8_t)(lvt & VAPIC_LVT_VECTOR);
	return true;
}
