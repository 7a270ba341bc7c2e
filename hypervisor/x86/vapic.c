/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual local APIC: interrupts asked for, in service and at their end. */
#include "x86/vapic.h"

#include "core/atomic.h"
#include "core/bits.h"

#define WORD(vector)	((vector) / 32u)
#define MASK(vector)	(UINT32_C(1) << ((vector) % 32))
#define CLASS(priority)	((priority) >> 4)

/* Words @words have a bit set where @summary says so. */
static unsigned int
words_highest(const uint32_t *words, uint8_t summary)
{
	unsigned int word = bits_highest(summary);

	return word * 32 + bits_highest(words[word]);
}

static void
ppr_update(struct vapic *v)
{
	unsigned int in_service = 0;

	if (v->isr_summary != 0)
		in_service = words_highest(v->isr, v->isr_summary);
	v->ppr = CLASS(v->tpr) >= CLASS(in_service) ? v->tpr :
	    (uint8_t)(in_service & 0xf0);
}

bool
vapic_post(struct vapic *v, uint8_t vector, bool level)
{
	uint32_t *tmr = &v->tmr[WORD(vector)];
	uint32_t mask = MASK(vector);
	uint8_t summary = (uint8_t)(1u << WORD(vector));

	if (vector < VAPIC_FIRST_VECTOR) {
		atomic_fetch_or(&v->errors, (uint8_t)VAPIC_ERROR_RECEIVE);
		return false;
	}
	if (!READ_ONCE(v->accepting))
		return false;
	if (level)
		atomic_fetch_or(tmr, mask);
	else if ((READ_ONCE(*tmr) & mask) != 0)
		atomic_fetch_and(tmr, ~mask);
	if ((atomic_fetch_or(&v->irr[WORD(vector)], mask) & mask) != 0)
		return false;
	/* irr_take() looks at the word again after it cleared the summary. */
	if ((READ_ONCE(v->irr_summary) & summary) == 0)
		atomic_fetch_or(&v->irr_summary, summary);
	return true;
}

bool
vapic_post_auto_eoi(struct vapic *v, uint8_t vector)
{
	if (vector >= VAPIC_FIRST_VECTOR)
		atomic_fetch_or(&v->auto_eoi[WORD(vector)], MASK(vector));
	return vapic_post(v, vector, false);
}

static void
irr_take(struct vapic *v, uint8_t vector)
{
	uint32_t *word = &v->irr[WORD(vector)];
	uint8_t summary = (uint8_t)(1u << WORD(vector));

	if ((atomic_fetch_and(word, ~MASK(vector)) & ~MASK(vector)) != 0)
		return;
	atomic_fetch_and(&v->irr_summary, (uint8_t)~summary);
	/* A post in between may have seen the summary still set. */
	if (READ_ONCE(*word) != 0)
		atomic_fetch_or(&v->irr_summary, summary);
}

bool
vapic_retract_auto_eoi(struct vapic *v)
{
	bool found = false;

	for (unsigned int word = 0; word < VAPIC_WORDS; word++) {
		uint32_t bits = atomic_swap(&v->auto_eoi[word], 0);

		for (bits &= READ_ONCE(v->irr[word]); bits != 0;
		    bits &= bits - 1) {
			irr_take(v, (uint8_t)(word * 32 + bits_highest(bits &
			    -bits)));
			found = true;
		}
	}
	return found;
}

int
vapic_pending(const struct vapic *v)
{
	unsigned int summary = READ_ONCE(v->irr_summary);

	if (!v->accepting)
		return -1;
	while (summary != 0) {
		unsigned int word = bits_highest(summary);
		uint32_t bits = READ_ONCE(v->irr[word]);

		if (bits != 0) {
			unsigned int vector = word * 32 + bits_highest(bits);

			return CLASS(vector) > CLASS(v->ppr) ?
			    (int)vector : -1;
		}
		summary &= ~(1u << word);
	}
	return -1;
}

void
vapic_accept(struct vapic *v, uint8_t vector)
{
	uint32_t *auto_eoi = &v->auto_eoi[WORD(vector)];

	irr_take(v, vector);
	if ((READ_ONCE(*auto_eoi) & MASK(vector)) != 0) {
		atomic_fetch_and(auto_eoi, ~MASK(vector));
		return;
	}
	v->isr[WORD(vector)] |= MASK(vector);
	v->isr_summary |= (uint8_t)(1u << WORD(vector));
	ppr_update(v);
}

uint8_t
vapic_eoi(struct vapic *v, bool *level)
{
	unsigned int vector, word;

	*level = false;
	if (v->isr_summary == 0)
		return 0;
	vector = words_highest(v->isr, v->isr_summary);
	word = WORD(vector);
	v->isr[word] &= ~MASK(vector);
	if (v->isr[word] == 0)
		v->isr_summary &= (uint8_t)~(1u << word);
	ppr_update(v);
	*level = (READ_ONCE(v->tmr[word]) & MASK(vector)) != 0;
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
