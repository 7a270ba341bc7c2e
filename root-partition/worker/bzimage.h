/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the header of a Linux kernel image (boot protocol, 64-bit entry). */
#ifndef MULLION_WORKER_BZIMAGE_H
#define MULLION_WORKER_BZIMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

/* The header lies here, both in the file and in the zero page. */
#define BZIMAGE_HEADER 0x1f1
#define BZIMAGE_HEADER_END 0x290

/* Bytes of the file's beginning that bzimage_parse() wants to see. */
#define BZIMAGE_PROBE_SIZE 0x400

/* Where the 64-bit entry lies behind the start of the kernel. */
#define BZIMAGE_ENTRY_64 0x200

struct bzimage {
	uint64_t file_offset;	/* of what is loaded */
	uint64_t size;		/* of that, in the file */
	uint64_t memory_size;	/* that the kernel needs from its start on */
	uint64_t preferred;	/* address to load it at */
	uint64_t initrd_max;	/* last address that an initrd may have */
	uint32_t cmdline_max;	/* characters, without the NUL */
	uint8_t header[BZIMAGE_HEADER_END - BZIMAGE_HEADER];
	size_t header_size;	/* bytes of it that this image defines */
};

/* Does the file that begins with @bytes look like such an image? */
bool bzimage_detect(const uint8_t *bytes, size_t len);

/*
 * Read the header at the beginning of a file of @file_size bytes of which the
 * first @len are at @bytes. EINVAL, with the reason, if it cannot be booted.
 */
int bzimage_parse(const uint8_t *bytes, size_t len, uint64_t file_size,
    struct bzimage *out, struct err *e);

#endif
