/* SPDX-License-Identifier: Apache-2.0 */
/* Characters on an EGA text screen or on a linear framebuffer. */

#include "x86/screen.h"

#include "core/string.h"
#include "x86/font.h"

#define CELL_WIDTH	8	/* dots on a framebuffer */
#define CELL_HEIGHT	16
#define CELL_TOP	1	/* empty lines of dots above a character */
#define TEXT_COLOUR	0x07	/* light grey on black */

static struct {
	struct boot_framebuffer fb;	/* kind is FRAMEBUFFER_NONE if closed */
	uint8_t *memory;
	uint32_t columns;
	uint32_t rows;
	uint32_t column;
	uint32_t row;
} screen;

uint64_t
screen_memory_size(const struct boot_framebuffer *fb)
{
	bool text = fb->kind == FRAMEBUFFER_TEXT;
	uint32_t depth = text ? 16 : fb->depth;

	if (fb->kind == FRAMEBUFFER_NONE)
		return 0;
	if (depth != 16 && depth != 24 && depth != 32)
		return 0;
	if (fb->pitch < (uint64_t)fb->width * depth / 8)
		return 0;
	if (!text && (fb->width < CELL_WIDTH || fb->height < CELL_HEIGHT))
		return 0;
	return (uint64_t)fb->pitch * fb->height;
}

static void
screen_clear(void)
{
	screen.column = 0;
	screen.row = 0;
	memset(screen.memory, 0, screen_memory_size(&screen.fb));
}

void
screen_open(const struct boot_framebuffer *fb, void *memory)
{
	bool text = fb->kind == FRAMEBUFFER_TEXT;

	if (screen_memory_size(fb) == 0)
		return;
	screen.fb = *fb;
	screen.memory = memory;
	screen.columns = text ? fb->width : fb->width / CELL_WIDTH;
	screen.rows = text ? fb->height : fb->height / CELL_HEIGHT;
	screen_clear();
}

void
screen_close(void)
{
	screen.fb.kind = FRAMEBUFFER_NONE;
}

/* All bits of the colour's field. */
static uint32_t
colour_mask(const struct boot_colour *c)
{
	return ((UINT32_C(1) << (c->bits & 15)) - 1) << (c->position & 31);
}

static uint32_t
colour_white(void)
{
	return colour_mask(&screen.fb.red) | colour_mask(&screen.fb.green) |
	    colour_mask(&screen.fb.blue);
}

static void
draw_dots(uint8_t *line, uint64_t dots, uint32_t white)
{
	size_t step = screen.fb.depth / 8u;

	for (size_t x = 0; x < FONT_WIDTH; x++)
		if ((dots >> (FONT_WIDTH - 1 - x) & 1) != 0)
			memcpy(line + x * step, &white, step);
}

/* Each line of the font twice, as cells are taller than they are wide. */
static void
draw_char(unsigned char c)
{
	uint32_t white = colour_white();
	uint8_t *cell = screen.memory +
	    (size_t)screen.row * CELL_HEIGHT * screen.fb.pitch +
	    (size_t)screen.column * CELL_WIDTH * (screen.fb.depth / 8u);

	if (c < FONT_FIRST || c > FONT_LAST)
		c = '?';
	for (size_t y = 0; y < 2 * FONT_HEIGHT; y++)
		draw_dots(cell + (CELL_TOP + y) * screen.fb.pitch,
		    font[c - FONT_FIRST] >>
		    (FONT_HEIGHT - 1 - y / 2) * FONT_WIDTH, white);
}

static void
put_char(char c)
{
	uint8_t *cell;

	if (c == '\n' || screen.column == screen.columns) {
		screen.column = 0;
		screen.row++;
	}
	if (screen.row == screen.rows)
		screen_clear();
	if (c == '\n')
		return;
	if (screen.fb.kind == FRAMEBUFFER_TEXT) {
		cell = screen.memory + (size_t)screen.row * screen.fb.pitch +
		    (size_t)screen.column * 2;
		cell[0] = (uint8_t)c;
		cell[1] = TEXT_COLOUR;
	} else {
		draw_char((unsigned char)c);
	}
	screen.column++;
}

void
screen_write(const char *text, size_t len)
{
	if (screen.fb.kind == FRAMEBUFFER_NONE)
		return;
	for (size_t i = 0; i < len; i++)
		put_char(text[i]);
}
