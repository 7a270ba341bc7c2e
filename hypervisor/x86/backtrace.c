/* SPDX-License-Identifier: Apache-2.0 */
/* Walks frame pointers and names what they lead to. */

#include "x86/backtrace.h"

#include "core/lp.h"
#include "core/print.h"
#include "x86/directmap.h"

#define DEPTH_MAX	32

extern const char image_text_end[];

static const struct symbol *
symbol_find(uint64_t addr)
{
	const struct symbol *found = NULL;

	if (addr < IMAGE_BASE || addr >= (uintptr_t)image_text_end)
		return NULL;
	for (uint32_t i = 0; i < symbol_count; i++) {
		if (symbol_table[i].offset > addr - IMAGE_BASE)
			break;
		found = &symbol_table[i];
	}
	return found;
}

void
backtrace_symbol(uint64_t addr)
{
	const struct symbol *s = symbol_find(addr);

	if (s == NULL)
		hv_printf("  at %016lx", addr);
	else
		hv_printf("  at %016lx %s+0x%lx", addr,
		    symbol_names + s->name, addr - IMAGE_BASE - s->offset);
}

void
backtrace_print(uint64_t frame)
{
	uint64_t bottom = (uintptr_t)lp_self();
	uint64_t top = bottom + LP_BLOCK_SIZE;
	unsigned int depth;

	for (depth = 0; depth < DEPTH_MAX; depth++) {
		const uint64_t *f = (const uint64_t *)(uintptr_t)frame;

		if (frame < bottom || frame > top - 2 * sizeof(*f) ||
		    !is_aligned(frame, sizeof(*f)))
			return;
		backtrace_symbol(f[1]);
		/* Callers are further up; else it is no frame. */
		if (f[0] <= frame)
			return;
		frame = f[0];
	}
}
