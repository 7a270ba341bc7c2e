/* SPDX-License-Identifier: Apache-2.0 */
/* What is read as text is the same text when it is written again. */
#include <assert.h>
#include <string.h>

#include "integration/utf16.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t wire[4098];
	char text[8192];
	int len = utf16_read(data, size, text, sizeof(text));
	int bytes;

	if (len >= 0) {
		assert(strlen(text) == (size_t)len);
		bytes = utf16_write(text, wire, sizeof(wire));
		assert(bytes >= 2 && (size_t)bytes <= size + 3);
		assert(memcmp(wire, data, (size_t)bytes - 2) == 0);
	}
	/* As UTF-8, with the NUL that it needs. */
	if (size >= sizeof(text))
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	bytes = utf16_write(text, wire, sizeof(wire));
	if (bytes >= 0) {
		char again[8192];

		assert(utf16_read(wire, (size_t)bytes, again,
		    sizeof(again)) == (int)strlen(text));
		assert(strcmp(text, again) == 0);
	}
	return 0;
}
