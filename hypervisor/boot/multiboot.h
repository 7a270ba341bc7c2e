/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot loader tells by the multiboot2 information structure. */
#ifndef HV_BOOT_MULTIBOOT_H
#define HV_BOOT_MULTIBOOT_H

#include "boot/memory_map.h"

#define MULTIBOOT_SIZE_MAX	(1024 * 1024)
#define BOOT_RSDP_MAX		36

/* A file in memory that came with the image, and its text. */
struct boot_module {
	uint64_t start;
	uint64_t size;
	const char *text;	/* in the structure that was parsed */
};

struct boot_colour {
	uint8_t position;	/* lowest bit */
	uint8_t bits;
};

enum framebuffer_kind {
	FRAMEBUFFER_NONE,
	FRAMEBUFFER_TEXT,	/* EGA: character and attribute */
	FRAMEBUFFER_RGB,
};

struct boot_framebuffer {
	enum framebuffer_kind kind;
	uint64_t addr;
	uint32_t pitch;		/* bytes a line */
	uint32_t width;		/* pixels, or characters for text */
	uint32_t height;
	uint8_t depth;		/* bits a pixel: 16, 24 or 32 */
	struct boot_colour red, green, blue;
};

struct boot_info {
	struct memory_map memory;
	size_t module_count;	/* all of them; two are kept */
	struct boot_module module[2];
	struct boot_framebuffer screen;
	size_t rsdp_size;	/* 0: there is none */
	uint8_t rsdp[BOOT_RSDP_MAX];
};

/*
 * Reads the structure in @bytes, which are @size of them (its first word
 * says how many). NULL if it is sound; else what is wrong with it. Strings in
 * @info point into @bytes.
 */
const char *multiboot_parse(const uint8_t *bytes, size_t size,
	struct boot_info *info);

#endif /* HV_BOOT_MULTIBOOT_H */
