/* SPDX-License-Identifier: Apache-2.0 */
/* Formatted text: into a buffer, and as log lines on the console. */
#ifndef HV_CORE_PRINT_H
#define HV_CORE_PRINT_H

#include <stdarg.h>

#include "core/types.h"

/*
 * Like snprintf with %c %s %d %u %x %p %%, the flags 0 #, a width, the
 * precision of %s, and the sizes l ll z. Always ends @buf with NUL if
 * @size > 0. Returns how many bytes it would have taken, NUL not counted.
 */
size_t format_text(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
size_t format_text_v(char *buf, size_t size, const char *fmt, va_list args)
	__attribute__((format(printf, 3, 0)));

/*
 * One line for the log; puts "mullion: " before it and a line feed after it.
 * Cut after some 200 bytes. Any context but NMI.
 */
void hv_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void hv_vprintf(const char *fmt, va_list args)
	__attribute__((format(printf, 1, 0)));

/* Where the text goes; the platform's console (or a unit test) has it. */
void print_sink(const char *text, size_t len);

#endif /* HV_CORE_PRINT_H */
