/* SPDX-License-Identifier: Apache-2.0 */
/* Names for addresses in the image, and who called whom. */
#ifndef HV_X86_BACKTRACE_H
#define HV_X86_BACKTRACE_H

#include "core/types.h"

/* The build makes the table from the linked image; sorted by offset. */
struct symbol {
	uint32_t offset;	/* from the image's first byte */
	uint32_t name;		/* in symbol_names */
};

extern const struct symbol symbol_table[];
extern const uint32_t symbol_count;
extern const char symbol_names[];

/* One line: @addr as function and offset. */
void backtrace_symbol(uint64_t addr);

/*
 * The callers from the frame at @frame on, as long as frames stay within
 * this processor's stack.
 */
void backtrace_print(uint64_t frame);

#endif /* HV_X86_BACKTRACE_H */
