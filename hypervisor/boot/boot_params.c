/* SPDX-License-Identifier: Apache-2.0 */
/* Builds Linux's boot_params: screen, memory map and the setup header. */

#include "boot/boot_params.h"

#include "boot/bytes.h"

enum {
	SCREEN_COLUMNS = 0x07,
	SCREEN_LINES = 0x0e,
	SCREEN_KIND = 0x0f,
	SCREEN_POINTS = 0x10,
	LFB_WIDTH = 0x12,
	LFB_HEIGHT = 0x14,
	LFB_DEPTH = 0x16,
	LFB_BASE = 0x18,
	LFB_SIZE = 0x1c,
	LFB_LINE = 0x24,
	LFB_COLOURS = 0x26,		/* size and position, 4 pairs */
	LFB_PAGES = 0x32,
	LFB_CAPABILITIES = 0x36,
	LFB_BASE_HIGH = 0x3a,
	RSDP_ADDR = 0x70,
	INITRD_HIGH = 0xc0,
	INITRD_SIZE_HIGH = 0xc4,
	CMDLINE_HIGH = 0xc8,
	E820_COUNT = 0x1e8,
	VIDEO_MODE = 0x1fa,
	LOADER_TYPE = 0x210,
	INITRD = 0x218,
	INITRD_SIZE = 0x21c,
	CMDLINE = 0x228,
	SETUP_DATA = 0x250,
	E820_TABLE = 0x2d0,
};

#define E820_ENTRY		20
#define KIND_TEXT		0x01
#define KIND_LINEAR		0x23
#define CAPABILITY_64BIT	0x02
#define VIDEO_MODE_NORMAL	0xffff
#define LOADER_UNKNOWN		0xff
#define SETUP_E820_EXT		1

static uint32_t
low(uint64_t v)
{
	return (uint32_t)v;
}

static uint32_t
high(uint64_t v)
{
	return (uint32_t)(v >> 32);
}

static void
put_colour(uint8_t *p, const struct boot_colour *c)
{
	p[0] = c->bits;
	p[1] = c->position;
}

static void
put_linear_screen(const struct boot_framebuffer *fb, uint8_t *page)
{
	uint64_t bytes = (uint64_t)fb->pitch * fb->height;

	page[SCREEN_KIND] = KIND_LINEAR;
	put16(page + LFB_WIDTH, (uint16_t)fb->width);
	put16(page + LFB_HEIGHT, (uint16_t)fb->height);
	put16(page + LFB_DEPTH, fb->depth);
	put32(page + LFB_BASE, low(fb->addr));
	/* In units of 64 KiB. */
	put32(page + LFB_SIZE, low((bytes + 0xffff) >> 16));
	put16(page + LFB_LINE, (uint16_t)fb->pitch);
	put_colour(page + LFB_COLOURS, &fb->red);
	put_colour(page + LFB_COLOURS + 2, &fb->green);
	put_colour(page + LFB_COLOURS + 4, &fb->blue);
	put16(page + LFB_PAGES, 1);
	put32(page + LFB_CAPABILITIES, CAPABILITY_64BIT);
	put32(page + LFB_BASE_HIGH, high(fb->addr));
}

static void
put_screen(const struct boot_framebuffer *fb, uint8_t *page)
{
	switch (fb->kind) {
	case FRAMEBUFFER_NONE:
		break;
	case FRAMEBUFFER_TEXT:
		page[SCREEN_KIND] = KIND_TEXT;
		page[SCREEN_COLUMNS] = (uint8_t)fb->width;
		page[SCREEN_LINES] = (uint8_t)fb->height;
		put16(page + SCREEN_POINTS, 16);
		break;
	case FRAMEBUFFER_RGB:
		put_linear_screen(fb, page);
		break;
	}
}

static void
put_range(uint8_t *p, const struct memory_range *r)
{
	put64(p, r->start);
	put64(p + 8, r->end - r->start);
	put32(p + 16, r->type);
}

/* The page has room for 128 entries; the rest goes to a setup_data node. */
static void
put_memory(const struct memory_map *map, uint64_t node_addr, uint8_t *page,
	uint8_t *node)
{
	size_t rest = 0;

	for (size_t i = 0; i < map->count; i++) {
		if (i < BOOT_E820_MAX)
			put_range(page + E820_TABLE + i * E820_ENTRY,
			    &map->range[i]);
		else
			put_range(node + 16 + E820_ENTRY * rest++,
			    &map->range[i]);
	}
	page[E820_COUNT] = (uint8_t)MIN(map->count, (size_t)BOOT_E820_MAX);
	put64(page + SETUP_DATA, rest > 0 ? node_addr : 0);
	put32(node + 8, SETUP_E820_EXT);
	put32(node + 12, (uint32_t)(rest * E820_ENTRY));
}

void
boot_params_build(const struct boot_params_input *in, uint8_t *page,
	uint8_t *setup_data)
{
	memset(page, 0, BOOT_PARAMS_SIZE);
	memset(setup_data, 0, BOOT_SETUP_DATA_SIZE);
	memcpy(page + SETUP_HEADER_START, in->kernel + SETUP_HEADER_START,
	    in->image->header_end - SETUP_HEADER_START);

	put_screen(in->screen, page);
	put_memory(in->memory, in->setup_data, page, setup_data);
	put64(page + RSDP_ADDR, in->rsdp);
	put16(page + VIDEO_MODE, VIDEO_MODE_NORMAL);
	page[LOADER_TYPE] = LOADER_UNKNOWN;
	put32(page + INITRD, low(in->initrd));
	put32(page + INITRD_HIGH, high(in->initrd));
	put32(page + INITRD_SIZE, low(in->initrd_size));
	put32(page + INITRD_SIZE_HIGH, high(in->initrd_size));
	put32(page + CMDLINE, low(in->cmdline));
	put32(page + CMDLINE_HIGH, high(in->cmdline));
}
