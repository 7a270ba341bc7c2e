/* SPDX-License-Identifier: Apache-2.0 */
/* Parser of the multiboot2 information structure, section 3 of its manual. */

#include "boot/multiboot.h"

#include "boot/bytes.h"

enum tag {
	TAG_END = 0,
	TAG_MODULE = 3,
	TAG_MEMORY = 6,
	TAG_FRAMEBUFFER = 8,
	TAG_RSDP_OLD = 14,
	TAG_RSDP_NEW = 15,
};

#define TAG_HEADER	8	/* type and size, 32 bits each */

static const char *
parse_module(const uint8_t *tag, size_t size, struct boot_info *info)
{
	uint32_t start;
	uint32_t end;

	if (size < TAG_HEADER + 9 || tag[size - 1] != '\0')
		return "a module tag is damaged";
	start = get32(tag + 8);
	end = get32(tag + 12);
	if (end < start)
		return "a module ends before it begins";
	if (info->module_count < ARRAY_SIZE(info->module))
		info->module[info->module_count] = (struct boot_module){
			.start = start,
			.size = end - start,
			.text = (const char *)tag + 16,
		};
	info->module_count++;
	return NULL;
}

/* Whole pages: of RAM those inside the range, of all else those it touches. */
static bool
paint_entry(struct memory_map *map, uint64_t base, uint64_t length,
	uint32_t type)
{
	uint64_t end;

	if (__builtin_add_overflow(base, length, &end))
		end = PAGE_MASK;
	if (type == MEMORY_RAM)
		return memory_map_paint(map, align_up(base, PAGE_SIZE),
		    align_down(end, PAGE_SIZE), type);
	if (end > PAGE_MASK)
		end = PAGE_MASK;
	return memory_map_paint(map, align_down(base, PAGE_SIZE),
	    align_up(end, PAGE_SIZE), type);
}

static uint32_t
entry_type(const uint8_t *entry)
{
	uint32_t type = get32(entry + 16);

	if (type >= MEMORY_RAM && type <= MEMORY_UNUSABLE)
		return type;
	return MEMORY_RESERVED;
}

static const char *
parse_memory(const uint8_t *tag, size_t size, struct boot_info *info)
{
	/* Where entries overlap, the later in this list wins. */
	static const uint32_t order[] = { MEMORY_RAM, MEMORY_ACPI,
		MEMORY_NVS, MEMORY_UNUSABLE, MEMORY_RESERVED };
	uint32_t step;
	size_t at;

	if (size < 16)
		return "the memory map tag is damaged";
	step = get32(tag + 8);
	if (step < 24)
		return "the memory map has entries of an unknown size";
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		for (at = 16; size - at >= step; at += step) {
			const uint8_t *e = tag + at;

			if (entry_type(e) == order[i] &&
			    !paint_entry(&info->memory, get64(e),
			    get64(e + 8), order[i]))
				return "the memory map has too many entries";
		}
	}
	return NULL;
}

static const char *
parse_framebuffer(const uint8_t *tag, size_t size, struct boot_info *info)
{
	struct boot_framebuffer *fb = &info->screen;

	if (size < 32)
		return "the framebuffer tag is damaged";
	*fb = (struct boot_framebuffer){
		.addr = get64(tag + 8),
		.pitch = get32(tag + 16),
		.width = get32(tag + 20),
		.height = get32(tag + 24),
		.depth = tag[28],
	};
	if (tag[29] == 2) {
		fb->kind = FRAMEBUFFER_TEXT;
	} else if (tag[29] == 1 && size >= 38) {
		fb->kind = FRAMEBUFFER_RGB;
		fb->red = (struct boot_colour){ tag[32], tag[33] };
		fb->green = (struct boot_colour){ tag[34], tag[35] };
		fb->blue = (struct boot_colour){ tag[36], tag[37] };
	}
	return NULL;
}

static void
parse_rsdp(const uint8_t *tag, size_t size, struct boot_info *info)
{
	size_t n = MIN(size - TAG_HEADER, sizeof(info->rsdp));

	/* The newer one, if there are both. */
	if (n <= info->rsdp_size)
		return;
	memcpy(info->rsdp, tag + TAG_HEADER, n);
	info->rsdp_size = n;
}

static const char *
parse_tag(const uint8_t *tag, size_t size, struct boot_info *info)
{
	switch (get32(tag)) {
	case TAG_MODULE:
		return parse_module(tag, size, info);
	case TAG_MEMORY:
		return parse_memory(tag, size, info);
	case TAG_FRAMEBUFFER:
		return parse_framebuffer(tag, size, info);
	case TAG_RSDP_OLD:
	case TAG_RSDP_NEW:
		parse_rsdp(tag, size, info);
		return NULL;
	default:
		return NULL;
	}
}

const char *
multiboot_parse(const uint8_t *bytes, size_t size, struct boot_info *info)
{
	const char *wrong = NULL;
	size_t at = 8;

	memset(info, 0, sizeof(*info));
	if (size < 8 || get32(bytes) < 8 || get32(bytes) > size)
		return "the boot information has a wrong size";
	size = get32(bytes);

	while (wrong == NULL && size - at >= TAG_HEADER) {
		const uint8_t *tag = bytes + at;
		size_t length = get32(tag + 4);

		if (get32(tag) == TAG_END)
			break;
		if (length < TAG_HEADER || length > size - at)
			return "a tag of the boot information is too long";
		wrong = parse_tag(tag, length, info);
		/* Tags begin at multiples of 8; the last may end before one. */
		at += MIN(align_up(length, 8), size - at);
	}
	return wrong;
}
