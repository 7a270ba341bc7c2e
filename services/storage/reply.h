/* SPDX-License-Identifier: Apache-2.0 */
/* Data that a command answers with, big endian, while it is put together. */
#ifndef MULLION_STORAGE_REPLY_H
#define MULLION_STORAGE_REPLY_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define REPLY_MAX 1024

struct reply {
	size_t len;
	uint8_t bytes[REPLY_MAX];
};

static inline uint64_t
be_get(const uint8_t *at, unsigned size)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < size; i++)
		value = value << 8 | at[i];
	return value;
}

static inline void
be_put(uint8_t *at, unsigned size, uint64_t value)
{
	while (size-- > 0) {
		at[size] = (uint8_t)value;
		value >>= 8;
	}
}

/* @size zero bytes at the end; the place where they are. */
static inline uint8_t *
reply_add(struct reply *r, size_t size)
{
	uint8_t *at = r->bytes + r->len;

	assert(size <= REPLY_MAX - r->len);
	memset(at, 0, size);
	r->len += size;
	return at;
}

static inline void
reply_add_be(struct reply *r, unsigned size, uint64_t value)
{
	be_put(reply_add(r, size), size, value);
}

/* @text without its end, filled up with spaces to @size. */
static inline void
reply_add_text(struct reply *r, const char *text, size_t size)
{
	uint8_t *at = reply_add(r, size);
	size_t len = strlen(text);

	memset(at, ' ', size);
	memcpy(at, text, len < size ? len : size);
}

#endif
