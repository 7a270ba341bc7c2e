/* SPDX-License-Identifier: Apache-2.0 */
/* Conversion that lets nothing pass that is not text. */
#include "integration/utf16.h"

#include <stdbool.h>
#include <string.h>

#define LETTER_MAX 0x10ffffU
#define SURROGATES 0xd800U
#define SURROGATES_LOW 0xdc00U
#define SURROGATES_END 0xe000U
#define BEYOND_BMP 0x10000U
#define SURROGATE_BITS 10

static bool
is_surrogate(uint32_t letter)
{
	return letter >= SURROGATES && letter < SURROGATES_END;
}

static uint32_t
unit_get(const uint8_t *in)
{
	return (uint32_t)in[0] | (uint32_t)in[1] << 8;
}

static void
unit_put(uint8_t *out, uint32_t unit)
{
	out[0] = (uint8_t)unit;
	out[1] = (uint8_t)(unit >> 8);
}

/* The letter at *@at, which moves behind it; false when it is none. */
static bool
letter_read(const uint8_t *in, size_t bytes, size_t *at, uint32_t *letter)
{
	uint32_t low;

	*letter = unit_get(in + *at);
	*at += 2;
	if (!is_surrogate(*letter))
		return true;
	if (*letter >= SURROGATES_LOW || bytes - *at < 2)
		return false;
	low = unit_get(in + *at);
	*at += 2;
	if (low < SURROGATES_LOW || low >= SURROGATES_END)
		return false;
	*letter = BEYOND_BMP + ((*letter - SURROGATES) << SURROGATE_BITS) +
	    (low - SURROGATES_LOW);
	return true;
}

/* Returns the bytes written to @out. */
static size_t
utf8_put(uint32_t letter, uint8_t out[4])
{
	size_t more = letter < 0x80 ? 0 : letter < 0x800 ? 1 :
	    letter < BEYOND_BMP ? 2 : 3;
	static const uint8_t marks[] = { 0, 0xc0, 0xe0, 0xf0 };

	for (size_t i = more; i > 0; i--) {
		out[i] = (uint8_t)(0x80 | (letter & 0x3f));
		letter >>= 6;
	}
	out[0] = (uint8_t)(marks[more] | letter);
	return more + 1;
}

int
utf16_read(const uint8_t *in, size_t bytes, char *out, size_t size)
{
	size_t at = 0, used = 0;
	uint32_t letter;

	out[0] = '\0';
	while (bytes - at >= 2) {
		uint8_t utf8[4];
		size_t n;

		if (!letter_read(in, bytes, &at, &letter))
			goto fail;
		if (letter == 0)
			break;
		n = utf8_put(letter, utf8);
		if (n >= size - used)
			goto fail;
		memcpy(out + used, utf8, n);
		used += n;
	}
	out[used] = '\0';
	return (int)used;
fail:
	out[0] = '\0';
	return -1;
}

/* How many bytes follow the one at the front of a letter; -1: it is none. */
static int
utf8_more(uint8_t first)
{
	if (first < 0x80)
		return 0;
	if (first >= 0xc2 && first < 0xe0)
		return 1;
	if (first >= 0xe0 && first < 0xf0)
		return 2;
	if (first >= 0xf0 && first < 0xf5)
		return 3;
	return -1;
}

/* The letter at @in, and its bytes; 0 when it is none. */
static size_t
utf8_get(const char *in, uint32_t *letter)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, BEYOND_BMP };
	uint8_t first = (uint8_t)in[0];
	int more = utf8_more(first);

	if (more < 0)
		return 0;
	*letter = more == 0 ? first : first & (0x3fU >> more);
	for (int i = 1; i <= more; i++) {
		uint8_t next = (uint8_t)in[i];

		/* The final NUL is none of these either. */
		if ((next & 0xc0) != 0x80)
			return 0;
		*letter = *letter << 6 | (next & 0x3f);
	}
	if (*letter < least[more] || *letter > LETTER_MAX ||
	    is_surrogate(*letter))
		return 0;
	return (size_t)more + 1;
}

int
utf16_write(const char *in, uint8_t *out, size_t size)
{
	size_t used = 0;
	uint32_t letter;

	for (; *in != '\0'; ) {
		size_t n = utf8_get(in, &letter);
		size_t need = letter < BEYOND_BMP ? 2 : 4;

		/* There has to be room for the NUL, too. */
		if (n == 0 || size - used < need + 2)
			return -1;
		if (need == 4) {
			letter -= BEYOND_BMP;
			unit_put(out + used, SURROGATES |
			    letter >> SURROGATE_BITS);
			letter = SURROGATES_LOW |
			    (letter & ((1U << SURROGATE_BITS) - 1));
			used += 2;
		}
		unit_put(out + used, letter);
		used += 2;
		in += n;
	}
	if (size - used < 2)
		return -1;
	unit_put(out + used, 0);
	return (int)(used + 2);
}
