/* SPDX-License-Identifier: Apache-2.0 */
/* Text of the wire, UTF-16LE, and ours, UTF-8. */
#ifndef MULLION_INTEGRATION_UTF16_H
#define MULLION_INTEGRATION_UTF16_H

#include <stddef.h>
#include <stdint.h>

/*
 * Read the text in the @bytes at @in, which ends there or at a NUL, into @out
 * of @size. Returns its length without the NUL; -1 when it is no text (half a
 * letter) or does not fit, and @out is empty then.
 */
int utf16_read(const uint8_t *in, size_t bytes, char *out, size_t size);

/*
 * Write @in with a final NUL into the @size bytes at @out. Returns the bytes
 * used, the NUL's counted; -1 when @in is not UTF-8 or does not fit.
 */
int utf16_write(const char *in, uint8_t *out, size_t size);

#endif
