/* SPDX-License-Identifier: Apache-2.0 */
/* ELF64 headers and the note that names the 32-bit entry (PVH). */
#include "worker/elf.h"

#include <errno.h>
#include <string.h>

#include "worker/bytes.h"

#define CLASS_64 2
#define LITTLE_ENDIAN_DATA 1
#define MACHINE_X86_64 62
#define SEGMENT_LOAD 1
#define SEGMENT_NOTE 4
#define NOTE_HEADER_SIZE 12
#define NOTE_PHYS32_ENTRY 18

bool
elf_detect(const uint8_t *bytes, size_t len)
{
	return len >= 4 && memcmp(bytes, "\177ELF", 4) == 0;
}

int
elf_locate(const uint8_t *header, size_t len, uint64_t file_size,
    uint64_t *offset, size_t *size, struct err *e)
{
	size_t count;

	if (len < ELF_HEADER_SIZE || !elf_detect(header, len))
		return err_set(e, EINVAL, "it is no ELF file");
	if (header[4] != CLASS_64 || header[5] != LITTLE_ENDIAN_DATA ||
	    get16(header + 18) != MACHINE_X86_64)
		return err_set(e, EINVAL, "it is no ELF file for x86-64");
	*offset = get64(header + 32);
	count = get16(header + 56);
	if (get16(header + 54) != ELF_SEGMENT_HEADER_SIZE || count == 0)
		return err_set(e, EINVAL, "it has no program headers");
	if (count > ELF_SEGMENTS_MAX)
		return err_set(e, EINVAL,
		    "it has %zu program headers, at most %d are possible",
		    count, ELF_SEGMENTS_MAX);
	*size = count * ELF_SEGMENT_HEADER_SIZE;
	if (*offset > file_size || *size > file_size - *offset)
		return err_set(e, EINVAL,
		    "its program headers lie outside of it: it is cut off");
	return 0;
}

static int
segment_check(const struct elf_segment *s, uint64_t file_size, struct err *e)
{
	uint64_t end;

	if (s->file_offset > file_size ||
	    s->file_size > file_size - s->file_offset)
		return err_set(e, EINVAL,
		    "a segment lies outside of it: it is cut off");
	if (s->file_size > s->memory_size ||
	    __builtin_add_overflow(s->address, s->memory_size, &end))
		return err_set(e, EINVAL, "a segment has an impossible size");
	return 0;
}

int
elf_segments(const uint8_t *headers, size_t len, uint64_t file_size,
    struct elf *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	for (size_t at = 0; len - at >= ELF_SEGMENT_HEADER_SIZE &&
	    out->load_count < ELF_SEGMENTS_MAX &&
	    out->note_count < ELF_SEGMENTS_MAX;
	    at += ELF_SEGMENT_HEADER_SIZE) {
		const uint8_t *h = headers + at;
		struct elf_segment s = {
			.file_offset = get64(h + 8),
			.address = get64(h + 24),
			.file_size = get64(h + 32),
			.memory_size = get64(h + 40),
		};
		uint32_t type = get32(h);

		if (type != SEGMENT_LOAD && type != SEGMENT_NOTE)
			continue;
		if (segment_check(&s, file_size, e) < 0)
			return -1;
		if (type == SEGMENT_LOAD)
			out->load[out->load_count++] = s;
		else
			out->note[out->note_count++] = s;
	}
	if (out->load_count == 0)
		return err_set(e, EINVAL, "it has nothing to load");
	return 0;
}

/* Names and contents of notes begin at multiples of 4. */
static uint64_t
padded(uint32_t n)
{
	return ((uint64_t)n + 3) & ~UINT64_C(3);
}

bool
elf_find_entry(const uint8_t *notes, size_t len, uint64_t *entry)
{
	while (len >= NOTE_HEADER_SIZE) {
		uint32_t name_size = get32(notes);
		uint32_t size = get32(notes + 4);
		uint64_t name = padded(name_size);
		uint64_t total = NOTE_HEADER_SIZE + name + padded(size);
		const uint8_t *text = notes + NOTE_HEADER_SIZE;

		if (total > len)
			return false;
		if (get32(notes + 8) == NOTE_PHYS32_ENTRY &&
		    name_size == 4 && memcmp(text, "Xen", 4) == 0 &&
		    (size == 4 || size == 8)) {
			*entry = size == 4 ? get32(text + name) :
			    get64(text + name);
			return true;
		}
		notes += total;
		len -= (size_t)total;
	}
	return false;
}
