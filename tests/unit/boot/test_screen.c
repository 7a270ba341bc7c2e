/* SPDX-License-Identifier: Apache-2.0 */
/* Text on a screen in plain memory: where it goes, and that it stays inside. */

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "x86/screen.h"

static const struct boot_framebuffer text_screen = {
	.kind = FRAMEBUFFER_TEXT, .pitch = 20, .width = 10, .height = 3,
	.depth = 16,
};
static const struct boot_framebuffer dot_screen = {
	.kind = FRAMEBUFFER_RGB, .pitch = 4 * 24, .width = 24, .height = 33,
	.depth = 32, .red = { 16, 8 }, .green = { 8, 8 }, .blue = { 0, 8 },
};

/* On the heap, of just the right size, so that the sanitizer watches it. */
static uint8_t *
screen_memory(const struct boot_framebuffer *fb)
{
	uint8_t *memory = malloc(screen_memory_size(fb));

	cr_assert_not_null(memory);
	memset(memory, 0xaa, screen_memory_size(fb));
	screen_open(fb, memory);
	return memory;
}

static void
say(const char *text)
{
	screen_write(text, strlen(text));
}

Test(screen, writes_characters_with_their_colour)
{
	uint8_t *m = screen_memory(&text_screen);

	say("ab\nc");
	cr_expect_eq(m[0], 'a');
	cr_expect_eq(m[1], 0x07);
	cr_expect_eq(m[2], 'b');
	cr_expect_eq(m[4], 0);
	cr_expect_eq(m[20], 'c');
	free(m);
}

Test(screen, goes_on_in_the_next_line_when_one_is_full)
{
	uint8_t *m = screen_memory(&text_screen);

	say("0123456789x");
	cr_expect_eq(m[18], '9');
	cr_expect_eq(m[20], 'x');
	free(m);
}

Test(screen, starts_over_when_it_is_full)
{
	uint8_t *m = screen_memory(&text_screen);

	say("a\nb\nc\nd");
	cr_expect_eq(m[0], 'd');
	cr_expect_eq(m[20], 0);
	free(m);
}

Test(screen, draws_white_dots)
{
	uint8_t *m = screen_memory(&dot_screen);
	uint32_t dot;

	say("-");
	/* The dash is in the font's line 3, so in lines 7 and 8 of the cell. */
	memcpy(&dot, m + 7 * 96, 4);
	cr_expect_eq(dot, 0xffffff);
	memcpy(&dot, m + 6 * 96, 4);
	cr_expect_eq(dot, 0);
	memcpy(&dot, m + 7 * 96 + 5 * 4, 4);
	cr_expect_eq(dot, 0);
	free(m);
}

Test(screen, stays_inside_of_its_memory)
{
	uint8_t *m = screen_memory(&dot_screen);
	int i;

	for (i = 0; i < 200; i++)
		say("\x01~\xff_\n@@@@@@");
	free(m);
}

Test(screen, writes_nothing_once_it_is_closed)
{
	uint8_t *m = screen_memory(&text_screen);

	screen_close();
	say("a");
	cr_expect_eq(m[0], 0);
	free(m);
}

Test(screen, opens_only_what_it_can_write_to)
{
	struct boot_framebuffer fb = dot_screen;

	fb.depth = 8;
	cr_expect_eq(screen_memory_size(&fb), 0);
	fb = dot_screen;
	fb.pitch = 10;
	cr_expect_eq(screen_memory_size(&fb), 0);
	fb = dot_screen;
	fb.height = 4;
	cr_expect_eq(screen_memory_size(&fb), 0);
	fb.kind = FRAMEBUFFER_NONE;
	cr_expect_eq(screen_memory_size(&fb), 0);
}
