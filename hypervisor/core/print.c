/* SPDX-License-Identifier: Apache-2.0 */
/* Log lines: formats into a buffer on the stack and writes it in one go. */

#include "core/print.h"

#include "core/string.h"

#define LINE_MAX	224

void
hv_vprintf(const char *fmt, va_list args)
{
	static const char prefix[] = "mullion: ";
	char line[LINE_MAX];
	size_t head = sizeof(prefix) - 1;
	size_t room = sizeof(line) - head - 1;
	size_t n;

	memcpy(line, prefix, head);
	n = format_text_v(line + head, room, fmt, args);
	n = MIN(n, room - 1);
	line[head + n] = '\n';
	print_sink(line, head + n + 1);
}

void
hv_printf(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	hv_vprintf(fmt, args);
	va_end(args);
}
