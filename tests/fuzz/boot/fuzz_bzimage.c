/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel headers: a right one with bytes changed as the input says. */

#include <stdlib.h>
#include <string.h>

#include "boot/bytes.h"
#include "boot/bzimage.h"

#define FILE_MAX	4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
make_header(uint8_t *b)
{
	memset(b, 0, FILE_MAX);
	b[0x1f1] = 3;
	put16(b + 0x1fe, 0xaa55);
	b[0x201] = 0x6a;
	memcpy(b + 0x202, "HdrS", 4);
	put16(b + 0x206, 0x20f);
	b[0x211] = 1;
	put32(b + 0x230, 0x200000);
	b[0x234] = 1;
	put16(b + 0x236, 1);
	put32(b + 0x260, 0x2000000);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t whole[FILE_MAX];
	struct bzimage k;
	size_t length = FILE_MAX;
	uint8_t *file;
	size_t i;

	make_header(whole);
	if (size >= 2)
		length = get16(data) % (FILE_MAX + 1);
	/* Pairs: where in the header, and what is there. */
	for (i = 2; i + 1 < size; i += 2)
		whole[0x1f1 + data[i] % 0x80] = data[i + 1];

	file = malloc(length);
	if (file == NULL)
		return 0;
	memcpy(file, whole, length);
	if (bzimage_parse(file, length, &k) == NULL &&
	    (k.payload + k.payload_size != length ||
	    k.header_end > length || k.init_size < k.payload_size))
		abort();
	free(file);
	return 0;
}
