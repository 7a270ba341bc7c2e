/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a Linux kernel, as the x86 boot protocol lays it out. */
#ifndef HV_BOOT_BZIMAGE_H
#define HV_BOOT_BZIMAGE_H

#include "core/types.h"

/* Offsets in the kernel's first sectors, and so in boot_params. */
#define SETUP_HEADER_START	0x1f1
#define SETUP_HEADER_END_MAX	0x290

struct bzimage {
	size_t header_end;	/* setup header: bytes 0x1f1 up to here */
	size_t payload;		/* offset of the protected-mode part */
	size_t payload_size;
	uint64_t alignment;	/* of the load address; a power of two */
	uint64_t preferred;	/* load address */
	uint64_t init_size;	/* bytes it needs from there; >= payload_size */
	uint32_t cmdline_max;	/* without the final NUL */
	uint64_t initrd_max;	/* highest address of the initrd's last byte */
};

/* NULL if the @size bytes are a kernel to start; else why they are not. */
const char *bzimage_parse(const uint8_t *bytes, size_t size,
	struct bzimage *out);

#endif /* HV_BOOT_BZIMAGE_H */
