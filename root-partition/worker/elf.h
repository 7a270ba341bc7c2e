/* SPDX-License-Identifier: Apache-2.0 */
/* Reads ELF64 images that are started the PVH way. */
#ifndef MULLION_WORKER_ELF_H
#define MULLION_WORKER_ELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

#define ELF_SEGMENTS_MAX 16
#define ELF_HEADER_SIZE 64
#define ELF_SEGMENT_HEADER_SIZE 56
#define ELF_NOTES_MAX 65536

struct elf_segment {
	uint64_t file_offset;
	uint64_t file_size;
	uint64_t address;	/* physical */
	uint64_t memory_size;
};

struct elf {
	struct elf_segment load[ELF_SEGMENTS_MAX];
	size_t load_count;
	struct elf_segment note[ELF_SEGMENTS_MAX];
	size_t note_count;
};

bool elf_detect(const uint8_t *bytes, size_t len);

/*
 * From the ELF header, tell where the program headers lie: @offset and @size
 * in the file. EINVAL, with the reason, when it is no such file.
 */
int elf_locate(const uint8_t *header, size_t len, uint64_t file_size,
    uint64_t *offset, size_t *size, struct err *e);

/* Read the program headers: what to load, and where notes are. */
int elf_segments(const uint8_t *headers, size_t len, uint64_t file_size,
    struct elf *out, struct err *e);

/* Find the entry for PVH in a note segment; false if it is not there. */
bool elf_find_entry(const uint8_t *notes, size_t len, uint64_t *entry);

#endif
