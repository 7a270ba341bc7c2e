/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds bytes to the parser of PVH images, as the loader would. */
#include <assert.h>

#include "worker/elf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
find_entry(const uint8_t *data, const struct elf *elf)
{
	uint64_t entry;

	for (size_t i = 0; i < elf->note_count; i++)
		if (elf_find_entry(data + elf->note[i].file_offset,
		    elf->note[i].file_size, &entry))
			return;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	uint64_t offset, entry;
	struct elf elf;
	size_t length;

	elf_find_entry(data, size, &entry);
	if (elf_locate(data, size, size, &offset, &length, &e) < 0 ||
	    elf_segments(data + offset, length, size, &elf, &e) < 0) {
		assert(e.code != 0 && e.text[0] != '\0');
		return 0;
	}
	for (size_t i = 0; i < elf.load_count; i++) {
		const struct elf_segment *s = &elf.load[i];

		assert(s->file_offset + s->file_size <= size);
		assert(s->file_size <= s->memory_size);
		assert(s->address + s->memory_size >= s->address);
	}
	find_entry(data, &elf);
	return 0;
}
