/* SPDX-License-Identifier: Apache-2.0 */
/* The end of the hypervisor, on the build machine. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/assert.h"

_Noreturn void
panic_at(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s:%d: ", file, line);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
