/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory functions for x86-64, by quadwords. The build turns off the
 * compiler's habit of making calls of these functions out of such loops.
 */

#include "core/string.h"

void *
memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	void *d = dst;
	const void *s = src;
	size_t words = n / 8;
	size_t rest = n % 8;

	__asm__ volatile("rep movsq"
	    : "+D"(d), "+S"(s), "+c"(words) : : "memory");
	__asm__ volatile("rep movsb"
	    : "+D"(d), "+S"(s), "+c"(rest) : : "memory");
	return dst;
}

void *
memmove(void *dst, const void *src, size_t n)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	/* Upwards is right unless the destination begins inside the source. */
	if ((uintptr_t)d - (uintptr_t)s >= n)
		return memcpy(dst, src, n);
	while (n > 0) {
		n--;
		d[n] = s[n];
	}
	return dst;
}

void *
memset(void *dst, int c, size_t n)
{
	void *d = dst;
	uint64_t fill = (uint8_t)c * UINT64_C(0x0101010101010101);
	size_t words = n / 8;
	size_t rest = n % 8;

	__asm__ volatile("rep stosq"
	    : "+D"(d), "+c"(words) : "a"(fill) : "memory");
	__asm__ volatile("rep stosb"
	    : "+D"(d), "+c"(rest) : "a"(fill) : "memory");
	return dst;
}

int
memcmp(const void *a, const void *b, size_t n)
{
	const uint8_t *x = a;
	const uint8_t *y = b;

	for (size_t i = 0; i < n; i++)
		if (x[i] != y[i])
			return x[i] < y[i] ? -1 : 1;
	return 0;
}

size_t
strlen(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}
