/* SPDX-License-Identifier: Apache-2.0 */
/* The page of parameters for a Linux kernel: each field where Linux looks. */

#include <criterion/criterion.h>
#include <string.h>

#include "boot/boot_params.h"
#include "boot/bytes.h"

static uint8_t kernel[1024];
static struct memory_map memory;
static struct boot_framebuffer screen;
static struct bzimage image;
static struct boot_params_input in;
static uint8_t page[BOOT_PARAMS_SIZE];
static uint8_t node[BOOT_SETUP_DATA_SIZE];

static void
input_reset(void)
{
	memset(kernel, 0x5a, sizeof(kernel));
	memset(page, 0xee, sizeof(page));
	memset(&memory, 0, sizeof(memory));
	image = (struct bzimage){ .header_end = 0x26c };
	screen = (struct boot_framebuffer){ .kind = FRAMEBUFFER_NONE };
	in = (struct boot_params_input){
		.kernel = kernel,
		.image = &image,
		.memory = &memory,
		.screen = &screen,
		.rsdp = 0x123456789a0,
		.cmdline = 0x1aabbccdd,
		.initrd = 0x2deadbeef,
		.initrd_size = 0x311112222,
		.setup_data = 0x4000,
	};
}

TestSuite(boot_params, .init = input_reset);

Test(boot_params, copies_the_setup_header_and_nothing_around_it)
{
	boot_params_build(&in, page, node);
	cr_expect_eq(page[0x1f0], 0);
	cr_expect_eq(page[0x1f1], 0x5a);
	cr_expect_eq(page[0x26b], 0x5a);
	cr_expect_eq(page[0x26c], 0);
	/* The sentinel: else Linux takes fields for garbage. */
	cr_expect_eq(page[0x1ef], 0);
}

Test(boot_params, splits_addresses_into_low_and_high_halves)
{
	boot_params_build(&in, page, node);
	cr_expect_eq(get64(page + 0x70), 0x123456789a0);
	cr_expect_eq(get32(page + 0x228), 0xaabbccdd);
	cr_expect_eq(get32(page + 0xc8), 1);
	cr_expect_eq(get32(page + 0x218), 0xdeadbeef);
	cr_expect_eq(get32(page + 0xc0), 2);
	cr_expect_eq(get32(page + 0x21c), 0x11112222);
	cr_expect_eq(get32(page + 0xc4), 3);
	cr_expect_eq(page[0x210], 0xff);
}

Test(boot_params, lists_memory_as_start_and_length)
{
	memory_map_paint(&memory, 0x1000, 0x9f000, MEMORY_RAM);
	memory_map_paint(&memory, 0x100000, 0x140000, MEMORY_RESERVED);
	boot_params_build(&in, page, node);
	cr_expect_eq(page[0x1e8], 2);
	cr_expect_eq(get64(page + 0x2d0), 0x1000);
	cr_expect_eq(get64(page + 0x2d8), 0x9e000);
	cr_expect_eq(get32(page + 0x2e0), MEMORY_RAM);
	cr_expect_eq(get64(page + 0x2e4), 0x100000);
	cr_expect_eq(get32(page + 0x2f4), MEMORY_RESERVED);
	cr_expect_eq(get64(page + 0x250), 0);
}

Test(boot_params, chains_what_the_page_has_no_room_for)
{
	uint64_t i;

	for (i = 0; i < 200; i++)
		memory_map_paint(&memory, i * 0x2000, i * 0x2000 + 0x1000,
		    MEMORY_RAM);
	boot_params_build(&in, page, node);
	cr_expect_eq(page[0x1e8], 128);
	cr_expect_eq(get64(page + 0x250), 0x4000);
	cr_expect_eq(get64(node), 0);
	cr_expect_eq(get32(node + 8), 1);
	cr_expect_eq(get32(node + 12), 72 * 20);
	cr_expect_eq(get64(node + 16), 128 * 0x2000);
	cr_expect_eq(get64(node + 16 + 71 * 20), 199 * 0x2000);
}

Test(boot_params, describes_a_framebuffer_above_4_gib)
{
	screen = (struct boot_framebuffer){
		.kind = FRAMEBUFFER_RGB, .addr = 0x5c0000000, .pitch = 4096,
		.width = 1024, .height = 768, .depth = 32,
		.red = { 16, 8 }, .green = { 8, 8 }, .blue = { 0, 8 },
	};
	boot_params_build(&in, page, node);
	cr_expect_eq(page[0x0f], 0x23);
	cr_expect_eq(get16(page + 0x12), 1024);
	cr_expect_eq(get16(page + 0x14), 768);
	cr_expect_eq(get16(page + 0x16), 32);
	cr_expect_eq(get32(page + 0x18), 0xc0000000);
	cr_expect_eq(get32(page + 0x1c), 48);
	cr_expect_eq(get16(page + 0x24), 4096);
	cr_expect_eq(page[0x26], 8);
	cr_expect_eq(page[0x27], 16);
	cr_expect_eq(get32(page + 0x36), 2);
	cr_expect_eq(get32(page + 0x3a), 5);
}

Test(boot_params, describes_a_text_screen)
{
	screen = (struct boot_framebuffer){
		.kind = FRAMEBUFFER_TEXT, .width = 80, .height = 25,
	};
	boot_params_build(&in, page, node);
	cr_expect_eq(page[0x0f], 1);
	cr_expect_eq(page[0x07], 80);
	cr_expect_eq(page[0x0e], 25);
}
