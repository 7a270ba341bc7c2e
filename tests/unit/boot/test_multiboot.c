/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the boot loader's information: right tags, and damaged ones. */

#include <criterion/criterion.h>
#include <string.h>

#include "boot/bytes.h"
#include "boot/multiboot.h"

struct builder {
	size_t used;
	uint8_t bytes[8192];
};

static struct boot_info info;

static struct builder *
builder_new(void)
{
	static struct builder b;

	memset(&b, 0, sizeof(b));
	b.used = 8;
	return &b;
}

/* A tag of @size bytes with its header; returns its first byte. */
static uint8_t *
add_tag(struct builder *b, uint32_t type, uint32_t size)
{
	uint8_t *tag = b->bytes + b->used;

	put32(tag, type);
	put32(tag + 4, size);
	b->used += align_up(size, 8);
	return tag;
}

static const char *
parse(struct builder *b)
{
	add_tag(b, 0, 8);
	put32(b->bytes, (uint32_t)b->used);
	return multiboot_parse(b->bytes, sizeof(b->bytes), &info);
}

static void
add_module(struct builder *b, uint32_t start, uint32_t end, const char *text)
{
	uint32_t length = (uint32_t)strlen(text);
	uint8_t *tag = add_tag(b, 3, 17 + length);

	put32(tag + 8, start);
	put32(tag + 12, end);
	memcpy(tag + 16, text, length);
}

static void
add_memory(struct builder *b, const uint64_t (*entries)[3], uint32_t count)
{
	uint8_t *tag = add_tag(b, 6, 16 + 24 * count);
	uint32_t i;

	put32(tag + 8, 24);
	for (i = 0; i < count; i++) {
		put64(tag + 16 + 24 * i, entries[i][0]);
		put64(tag + 24 + 24 * i, entries[i][1]);
		put32(tag + 32 + 24 * i, (uint32_t)entries[i][2]);
	}
}

Test(multiboot, reads_modules_in_their_order)
{
	struct builder *b = builder_new();

	add_module(b, 0x100000, 0x180000, "console=ttyS0");
	add_module(b, 0x200000, 0x200010, "");
	cr_expect_null(parse(b));
	cr_assert_eq(info.module_count, 2);
	cr_expect_eq(info.module[0].start, 0x100000);
	cr_expect_eq(info.module[0].size, 0x80000);
	cr_expect_str_eq(info.module[0].text, "console=ttyS0");
	cr_expect_eq(info.module[1].size, 0x10);
	cr_expect_str_eq(info.module[1].text, "");
}

Test(multiboot, counts_modules_that_it_does_not_keep)
{
	struct builder *b = builder_new();
	int i;

	for (i = 0; i < 5; i++)
		add_module(b, 0x1000, 0x2000, "x");
	cr_expect_null(parse(b));
	cr_expect_eq(info.module_count, 5);
}

Test(multiboot, refuses_a_module_that_ends_before_it_begins)
{
	struct builder *b = builder_new();

	add_module(b, 0x2000, 0x1000, "x");
	cr_expect_not_null(parse(b));
}

Test(multiboot, refuses_a_module_text_without_end)
{
	struct builder *b = builder_new();

	add_module(b, 0x1000, 0x2000, "x");
	/* The header and numbers of it, then one byte that is not NUL. */
	put32(b->bytes + 8 + 4, 17);
	b->bytes[8 + 16] = 'x';
	cr_expect_not_null(parse(b));
}

Test(multiboot, shrinks_ram_and_grows_the_rest_to_whole_pages)
{
	const uint64_t entries[][3] = {
		{ 0x800, 0x9c00, MEMORY_RAM },
		{ 0x10800, 0x100, MEMORY_RESERVED },
	};
	struct builder *b = builder_new();

	add_memory(b, entries, 2);
	cr_expect_null(parse(b));
	cr_assert_eq(info.memory.count, 2);
	cr_expect_eq(info.memory.range[0].start, 0x1000);
	cr_expect_eq(info.memory.range[0].end, 0xa000);
	cr_expect_eq(info.memory.range[1].start, 0x10000);
	cr_expect_eq(info.memory.range[1].end, 0x11000);
}

Test(multiboot, lets_reserved_memory_win_whatever_the_order)
{
	const uint64_t entries[][3] = {
		{ 0x2000, 0x1000, MEMORY_RESERVED },
		{ 0x0, 0x8000, MEMORY_RAM },
		{ 0x4000, 0x1000, 77 },
	};
	struct builder *b = builder_new();

	add_memory(b, entries, 3);
	cr_expect_null(parse(b));
	cr_expect_eq(memory_map_type(&info.memory, 0x1000), MEMORY_RAM);
	cr_expect_eq(memory_map_type(&info.memory, 0x2000), MEMORY_RESERVED);
	cr_expect_eq(memory_map_type(&info.memory, 0x4000), MEMORY_RESERVED);
	cr_expect_eq(memory_map_ram(&info.memory), 0x6000);
}

Test(multiboot, cuts_an_entry_that_passes_the_last_address)
{
	const uint64_t entries[][3] = {
		{ UINT64_MAX - 0x2fff, UINT64_MAX, MEMORY_RESERVED },
	};
	struct builder *b = builder_new();

	add_memory(b, entries, 1);
	cr_expect_null(parse(b));
	cr_expect_eq(info.memory.count, 1);
	cr_expect_eq(info.memory.range[0].end, PAGE_MASK);
}

Test(multiboot, refuses_memory_entries_that_are_too_short)
{
	struct builder *b = builder_new();
	uint8_t *tag = add_tag(b, 6, 32);

	put32(tag + 8, 0);
	cr_expect_not_null(parse(b));
}

Test(multiboot, reads_a_linear_framebuffer)
{
	struct builder *b = builder_new();
	uint8_t *tag = add_tag(b, 8, 38);

	put64(tag + 8, 0x180000000);
	put32(tag + 16, 4096);
	put32(tag + 20, 1024);
	put32(tag + 24, 768);
	tag[28] = 32;
	tag[29] = 1;
	tag[32] = 16;
	tag[33] = 8;
	cr_expect_null(parse(b));
	cr_expect_eq(info.screen.kind, FRAMEBUFFER_RGB);
	cr_expect_eq(info.screen.addr, 0x180000000);
	cr_expect_eq(info.screen.pitch, 4096);
	cr_expect_eq(info.screen.height, 768);
	cr_expect_eq(info.screen.red.position, 16);
	cr_expect_eq(info.screen.red.bits, 8);
}

Test(multiboot, reads_a_text_screen)
{
	struct builder *b = builder_new();
	uint8_t *tag = add_tag(b, 8, 32);

	put64(tag + 8, 0xb8000);
	tag[29] = 2;
	cr_expect_null(parse(b));
	cr_expect_eq(info.screen.kind, FRAMEBUFFER_TEXT);
}

Test(multiboot, keeps_the_newer_rsdp_of_two)
{
	struct builder *b = builder_new();

	memset(add_tag(b, 15, 8 + 36) + 8, 'n', 36);
	memset(add_tag(b, 14, 8 + 20) + 8, 'o', 20);
	cr_expect_null(parse(b));
	cr_expect_eq(info.rsdp_size, 36);
	cr_expect_eq(info.rsdp[0], 'n');
}

Test(multiboot, refuses_a_tag_that_is_longer_than_the_rest)
{
	struct builder *b = builder_new();

	add_tag(b, 1, 8);
	put32(b->bytes + 12, 4000);
	cr_expect_not_null(parse(b));
}

Test(multiboot, refuses_a_tag_that_is_shorter_than_its_header)
{
	struct builder *b = builder_new();

	add_tag(b, 1, 8);
	put32(b->bytes + 12, 0);
	cr_expect_not_null(parse(b));
}

Test(multiboot, refuses_information_that_is_longer_than_it_may_be)
{
	uint8_t bytes[16] = { 0 };

	put32(bytes, 17);
	cr_expect_not_null(multiboot_parse(bytes, sizeof(bytes), &info));
	put32(bytes, 7);
	cr_expect_not_null(multiboot_parse(bytes, sizeof(bytes), &info));
}
