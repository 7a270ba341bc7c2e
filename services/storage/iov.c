/* SPDX-License-Identifier: Apache-2.0 */
/* Walking over struct iovec. */
#include "storage/iov.h"

#include <stdint.h>
#include <string.h>

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t
iov_length(const struct iovec *iov, unsigned count)
{
	size_t len = 0;

	for (unsigned i = 0; i < count; i++)
		if (__builtin_add_overflow(len, iov[i].iov_len, &len))
			return SIZE_MAX;
	return len;
}

size_t
iov_write(const struct iovec *iov, unsigned count, const void *from,
    size_t len)
{
	size_t done = 0;

	for (unsigned i = 0; i < count && done < len; i++) {
		size_t n = least(iov[i].iov_len, len - done);

		memcpy(iov[i].iov_base, (const char *)from + done, n);
		done += n;
	}
	return done;
}

size_t
iov_read(const struct iovec *iov, unsigned count, void *to, size_t len)
{
	size_t done = 0;

	for (unsigned i = 0; i < count && done < len; i++) {
		size_t n = least(iov[i].iov_len, len - done);

		memcpy((char *)to + done, iov[i].iov_base, n);
		done += n;
	}
	return done;
}

unsigned
iov_truncate(struct iovec *iov, unsigned count, size_t len)
{
	unsigned i;

	for (i = 0; i < count && len > 0; i++) {
		iov[i].iov_len = least(iov[i].iov_len, len);
		len -= iov[i].iov_len;
	}
	return i;
}

void
iov_advance(struct iovec **iov, unsigned *count, size_t len)
{
	while (*count > 0) {
		size_t n = least((*iov)->iov_len, len);

		(*iov)->iov_base = (char *)(*iov)->iov_base + n;
		(*iov)->iov_len -= n;
		len -= n;
		if ((*iov)->iov_len > 0)
			return;
		(*iov)++;
		(*count)--;
	}
}

unsigned
iov_window(const struct iovec *iov, unsigned count, size_t skip,
    struct iovec *out, unsigned max)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count && n < max; i++) {
		size_t dropped = least(iov[i].iov_len, skip);

		skip -= dropped;
		if (iov[i].iov_len == dropped)
			continue;
		out[n].iov_base = (char *)iov[i].iov_base + dropped;
		out[n++].iov_len = iov[i].iov_len - dropped;
	}
	return n;
}
