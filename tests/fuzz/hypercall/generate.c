/* SPDX-License-Identifier: Apache-2.0 */
/* Makes hypercalls up from the generated grammar. */
#include "generate.h"

#include <mullion/hypercall_grammar.h>

#define FAST (UINT64_C(1) << 16)
#define SEND_IPI 0x0b
#define SEND_IPI_EX 0x15
#define REPS_MAX 4095u
#define HEADER_MAX 1023u
#define LIST_ROOM(used) (FUZZ_PAGE - (used))

uint64_t
fuzz_random(struct fuzz_world *w)
{
	w->random ^= w->random >> 12;
	w->random ^= w->random << 25;
	w->random ^= w->random >> 27;
	return w->random * UINT64_C(0x2545f4914f6cdd1d);
}

uint64_t
fuzz_below(struct fuzz_world *w, uint64_t limit)
{
	return limit == 0 ? 0 : (fuzz_random(w) >> 11) % limit;
}

bool
fuzz_chance(struct fuzz_world *w, unsigned percent)
{
	return fuzz_below(w, 100) < percent;
}

void
fuzz_add_partition(struct fuzz_world *w, uint64_t id)
{
	for (size_t i = FUZZ_IDS - 1; i > 0; i--)
		w->partitions[i] = w->partitions[i - 1];
	w->partitions[0] = id;
	if (w->partition_count < FUZZ_IDS)
		w->partition_count++;
}

/* A value at which code is likely to be wrong, near a power of two. */
static uint64_t
pick_boundary(struct fuzz_world *w)
{
	uint64_t power = UINT64_C(1) << fuzz_below(w, 64);

	return power + fuzz_below(w, 3) - 1;
}

static uint64_t
pick_partition(struct fuzz_world *w)
{
	if (fuzz_chance(w, 15) || w->partition_count == 0)
		return fuzz_chance(w, 50) ? UINT64_MAX : fuzz_below(w, 4);
	return w->partitions[fuzz_below(w, w->partition_count)];
}

static uint64_t
pick_register(struct fuzz_world *w)
{
	/* Where names are: groups of 16 from these on. */
	static const uint32_t groups[] = {
		0x0, 0x210, 0x10000, 0x20000, 0x20010, 0x30000, 0x30010,
		0x40000, 0x41000, 0x50000, 0x60000, 0x70000, 0x80000, 0x80010,
		0x80040, 0x80070, 0x80080, 0x80090, 0x84800, 0x90000, 0x90010,
		0xa0000, 0xa0010, 0xb0000,
	};

	return groups[fuzz_below(w, sizeof(groups) / sizeof(groups[0]))] +
	    fuzz_below(w, 16);
}

/* Some are aligned as large pages want it. */
static uint64_t
pick_aligned(struct fuzz_world *w, uint64_t page)
{
	return fuzz_chance(w, 10) ? page & ~UINT64_C(0x1ff) : page;
}

static uint64_t
pick_pfn(struct fuzz_world *w)
{
	return w->first_pfn + pick_aligned(w, fuzz_below(w, w->pfn_count));
}

/* A page number of a small guest, often one that was used before. */
static uint64_t
pick_gpn(struct fuzz_world *w)
{
	return fuzz_chance(w, 80) ? pick_aligned(w, fuzz_below(w, 0x1000)) :
	    0xfee00 + fuzz_below(w, 2);
}

static uint64_t
pick_by_kind(struct fuzz_world *w, const struct grammar_field *f)
{
	switch (f->kind) {
	case GRAMMAR_ZERO:
		return 0;
	case GRAMMAR_PARTITION:
		return pick_partition(w);
	case GRAMMAR_VP:
		return fuzz_chance(w, 5) ? UINT32_MAX : fuzz_below(w, w->vps);
	case GRAMMAR_LP:
	case GRAMMAR_APIC_ID:
		return fuzz_below(w, w->vps + 1);
	case GRAMMAR_GPN:
		return pick_gpn(w);
	case GRAMMAR_PFN:
		return pick_pfn(w);
	case GRAMMAR_GPA:
		return pick_gpn(w) * FUZZ_PAGE + fuzz_below(w, FUZZ_PAGE);
	case GRAMMAR_GVA:
		return pick_gpn(w) * FUZZ_PAGE | fuzz_below(w, 8);
	case GRAMMAR_VECTOR:
		return 0x40 + fuzz_below(w, 0xc0);
	case GRAMMAR_SINT:
		return fuzz_below(w, 17);
	case GRAMMAR_PORT:
	case GRAMMAR_CONNECTION:
		return fuzz_below(w, 8);
	case GRAMMAR_REGISTER:
		return pick_register(w);
	case GRAMMAR_BANKS:
		return fuzz_below(w, 4);
	case GRAMMAR_DEVICE:
		return (1 + fuzz_below(w, 2)) << 62 | fuzz_below(w, 0x100);
	case GRAMMAR_FLAGS:
		return fuzz_random(w) & f->mask;
	case GRAMMAR_CHOICE:
		return f->choices[fuzz_below(w, f->choice_count)];
	case GRAMMAR_ANY:
		break;
	}
	return fuzz_chance(w, 50) ? fuzz_below(w, 8) : fuzz_random(w);
}

static void
field_fill(struct fuzz_world *w, const struct grammar_field *f, uint8_t *to)
{
	uint64_t value = pick_by_kind(w, f);

	if (fuzz_chance(w, 4))
		value = pick_boundary(w);
	else if (fuzz_chance(w, 2))
		value = fuzz_random(w);
	for (uint16_t i = 0; i < f->size; i++) {
		to[i] = (uint8_t)value;
		value = i % 8 == 7 ? pick_by_kind(w, f) : value >> 8;
	}
}

static void
fields_fill(struct fuzz_world *w, const struct grammar_field *fields,
    size_t count, uint8_t *to, size_t room)
{
	for (size_t i = 0; i < count; i++) {
		if ((size_t)fields[i].offset + fields[i].size <= room)
			field_fill(w, &fields[i], to + fields[i].offset);
	}
}

/* How many quadwords of variable header, with their contents. */
static uint64_t
header_fill(struct fuzz_world *w, struct fuzz_call *c, size_t *used)
{
	const struct grammar_field kind = {
		.size = 8, .kind = c->call->varhead_kind,
	};
	uint64_t count = fuzz_below(w, c->call->varhead_max > 4 ? 4 :
	    c->call->varhead_max + 1u);

	if (fuzz_chance(w, 5))
		count = fuzz_below(w, c->call->varhead_max + 2u);
	for (uint64_t i = 0; i < count && *used + 8 <= FUZZ_PAGE; i++) {
		c->input[*used / 8] = pick_by_kind(w, &kind);
		*used += 8;
	}
	return count > HEADER_MAX ? HEADER_MAX : count;
}

static uint64_t
list_fill(struct fuzz_world *w, struct fuzz_call *c, size_t used)
{
	uint8_t *bytes = (uint8_t *)c->input;
	uint64_t count = 1 + fuzz_below(w, 8), start = 0;

	if (fuzz_chance(w, 10))
		count = fuzz_below(w, 512);
	if (fuzz_chance(w, 2))
		count = fuzz_below(w, REPS_MAX + 1);
	for (uint64_t i = 0; i < count && c->call->rep_in_size > 0 &&
	    used < FUZZ_PAGE; i++) {
		fields_fill(w, c->call->rep_fields, c->call->rep_field_count,
		    bytes + used, LIST_ROOM(used));
		used += c->call->rep_in_size;
	}
	if (fuzz_chance(w, 10))
		start = fuzz_below(w, count + 2);
	return count << 32 | start << 48;
}

static void
call_fill(struct fuzz_world *w, struct fuzz_call *c)
{
	size_t used = (c->call->input_size + 7u) & ~(size_t)7;

	c->control = c->call->code;
	if (c->call->fast && fuzz_chance(w, 50))
		c->control |= FAST;
	fields_fill(w, c->call->fields, c->call->field_count,
	    (uint8_t *)c->input, FUZZ_PAGE);
	if (c->call->varhead_max > 0)
		c->control |= header_fill(w, c, &used) << 17;
	if (c->call->rep)
		c->control |= list_fill(w, c, used);
	if (fuzz_chance(w, 2))
		c->control ^= UINT64_C(1) << fuzz_below(w, 64);
}

static void
nonsense_fill(struct fuzz_world *w, struct fuzz_call *c)
{
	c->call = NULL;
	c->control = fuzz_chance(w, 50) ? fuzz_below(w, 0x200) :
	    fuzz_random(w);
	for (size_t i = 0; i < FUZZ_PAGE / 8; i += 1 + fuzz_below(w, 64))
		c->input[i] = fuzz_random(w);
}

static const struct grammar_call *
call_find(uint16_t code)
{
	for (size_t i = 0; i < GRAMMAR_CALL_COUNT; i++) {
		if (grammar_calls[i].code == code)
			return &grammar_calls[i];
	}
	return NULL;
}

void
fuzz_next_of(struct fuzz_world *w, struct fuzz_call *c, uint16_t code)
{
	c->call = call_find(code);
	if (c->call == NULL)
		nonsense_fill(w, c);
	else
		call_fill(w, c);
	/* A bit that was flipped may have made another call of it. */
	c->call = call_find((uint16_t)c->control);
	c->fast = (c->control & FAST) != 0;
}

void
fuzz_next(struct fuzz_world *w, struct fuzz_call *c)
{
	const struct grammar_call *call;

	if (fuzz_chance(w, 5)) {
		fuzz_next_of(w, c, FUZZ_NO_CODE);
		return;
	}
	do {
		call = &grammar_calls[fuzz_below(w, GRAMMAR_CALL_COUNT)];
	} while (w->child && call->parent_only && fuzz_chance(w, 70));
	fuzz_next_of(w, c, call->code);
}

bool
fuzz_is_ipi(const struct fuzz_call *c)
{
	uint16_t code = (uint16_t)c->control;

	return code == SEND_IPI || code == SEND_IPI_EX;
}

/* The first field of both calls is the vector. */
void
fuzz_make_ipi_safe(struct fuzz_call *c)
{
	uint32_t vector = (uint32_t)c->input[0];

	if (fuzz_is_ipi(c) && vector > 15 && vector < FUZZ_VECTOR_SAFE)
		c->input[0] += FUZZ_VECTOR_SAFE;
}

const char *
fuzz_name(const struct fuzz_call *c)
{
	return c->call == NULL ? "?" : c->call->name;
}

const char *
fuzz_judge(const struct fuzz_call *c, uint64_t result)
{
	uint64_t status = result & 0xffff, done = result >> 32 & 0xfff;
	uint64_t count = c->control >> 32 & 0xfff;
	uint64_t start = c->control >> 48 & 0xfff;

	if ((result & ~UINT64_C(0xfff0000ffff)) != 0)
		return "reserved bits in the result";
	if (status == 0x01 || status > 0x8f)
		return "a status that does not exist";
	/* A start behind the end is refused, and may be told as it was. */
	if (done > count && done != start)
		return "more repetitions than asked for";
	if (status == 0 && c->call == NULL)
		return "success of a call that does not exist";
	if (status == 0 && c->call->rep && done == 0)
		return "success without progress";
	return NULL;
}
