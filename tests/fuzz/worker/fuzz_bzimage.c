/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds bytes to the parser of Linux kernel images. */
#include <assert.h>
#include <string.h>

#include "worker/bootinfo.h"
#include "worker/bzimage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct boot_files files = { .cmdline = MEMMAP_CMDLINE };
	struct memmap m = memmap_of(UINT64_C(256) << 20);
	uint64_t file_size = size + (UINT64_C(1) << 20);
	uint8_t page[BOOTINFO_PAGE];
	struct err e = { 0 };
	struct bzimage k;

	if (bzimage_parse(data, size, file_size, &k, &e) < 0) {
		assert(e.code != 0 && e.text[0] != '\0');
		return 0;
	}
	assert(k.file_offset < file_size);
	assert(k.size == file_size - k.file_offset);
	assert(k.memory_size >= k.size);
	assert(k.header_size <= sizeof(k.header));
	bootinfo_zero_page(page, &k, &files, &m, k.preferred);
	assert(page[0x1e8] != 0);
	return 0;
}
