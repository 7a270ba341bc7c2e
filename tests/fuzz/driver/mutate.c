/* SPDX-License-Identifier: Apache-2.0 */
#include "mutate.h"

#include <string.h>

#include "coverage.h"
#include "random.h"

static void
input_grow(struct input *in)
{
	size_t more = 1 + random_below(64);

	if (more > INPUT_MAX - in->size)
		more = INPUT_MAX - in->size;
	for (size_t i = 0; i < more; i++)
		in->bytes[in->size++] = (uint8_t)random_next();
}

/* Little-endian, as all that is parsed here. */
static void
input_put(struct input *in, uint64_t value, size_t width)
{
	if (in->size >= width)
		memcpy(&in->bytes[random_below(in->size - width + 1)], &value,
		    width);
}

/* A value that code likes to get wrong. */
static void
input_boundary(struct input *in)
{
	static const uint64_t values[] = {
		0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff,
		0x80000000, 0xffffffff, INT64_MAX, UINT64_MAX,
	};

	input_put(in, values[random_below(sizeof(values) / sizeof(values[0]))],
	    (size_t)1 << random_below(4));
}

/* A value that the code has looked for, or the one before or after it, which
 * is also what a compiler makes of "less than" and of "at most". */
static void
input_constant(struct input *in)
{
	struct constant constant;
	uint64_t value;

	for (unsigned int tries = 0; tries < 32; tries++) {
		if (!coverage_constant(&constant, random_next()))
			continue;
		value = constant.value + random_below(3) - 1;
		/* What the code compares is often wider than what it read. */
		input_put(in, value, random_below(2) == 0 ? constant.width :
		    (size_t)1 << random_below(4));
		return;
	}
}

static void
input_splice(struct input *in)
{
	const struct input *from = corpus_at(random_below(corpus_count()));
	size_t start, count;

	if (in->size == 0 || from->size == 0)
		return;
	start = random_below(in->size);
	count = 1 + random_below(from->size);
	if (count > INPUT_MAX - start)
		count = INPUT_MAX - start;
	memmove(&in->bytes[start], &from->bytes[from->size - count], count);
	if (in->size < start + count)
		in->size = start + count;
}

void
input_mutate(struct input *in)
{
	switch (random_below(8)) {
	case 0:
		input_grow(in);
		break;
	case 1:
		in->size = random_below(in->size + 1);
		break;
	case 2:
		input_boundary(in);
		break;
	case 3:
		input_splice(in);
		break;
	case 4:
	case 5:
		input_constant(in);
		break;
	default:
		if (in->size > 0)
			in->bytes[random_below(in->size)] ^=
			    (uint8_t)(1u << random_below(8));
		break;
	}
}
