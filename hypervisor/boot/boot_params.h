/* SPDX-License-Identifier: Apache-2.0 */
/* The page of parameters that a Linux kernel is entered with. */
#ifndef HV_BOOT_BOOT_PARAMS_H
#define HV_BOOT_BOOT_PARAMS_H

#include "boot/bzimage.h"
#include "boot/multiboot.h"

#define BOOT_PARAMS_SIZE	4096
#define BOOT_E820_MAX		128

/* Room for what of the memory map does not fit into the page itself. */
#define BOOT_SETUP_DATA_SIZE \
	(16 + 20 * (MEMORY_RANGES_MAX - BOOT_E820_MAX))

struct boot_params_input {
	const uint8_t *kernel;		/* its file, which @image describes */
	const struct bzimage *image;
	const struct memory_map *memory;
	const struct boot_framebuffer *screen;
	uint64_t rsdp;			/* address; 0: none */
	uint64_t cmdline;
	uint64_t initrd;
	uint64_t initrd_size;
	uint64_t setup_data;		/* address of the second page */
};

/*
 * Fills @page (BOOT_PARAMS_SIZE bytes) and @setup_data (BOOT_SETUP_DATA_SIZE
 * bytes, which will be at in->setup_data) whole.
 */
void boot_params_build(const struct boot_params_input *in, uint8_t *page,
	uint8_t *setup_data);

#endif /* HV_BOOT_BOOT_PARAMS_H */
