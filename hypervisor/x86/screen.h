/* SPDX-License-Identifier: Apache-2.0 */
/* Text on the screen: the banner, and why booting ended. */
#ifndef HV_X86_SCREEN_H
#define HV_X86_SCREEN_H

#include "boot/multiboot.h"

/*
 * Clears the screen that @fb describes and writes there from now on; its
 * memory is at @memory. Other kinds of screen stay as they are.
 */
void screen_open(const struct boot_framebuffer *fb, void *memory);

/* Bytes of its memory; 0 if it is no screen that can be written to. */
uint64_t screen_memory_size(const struct boot_framebuffer *fb);

/* The screen belongs to the parent: nothing is written there any more. */
void screen_close(void);

void screen_write(const char *text, size_t len);

#endif /* HV_X86_SCREEN_H */
