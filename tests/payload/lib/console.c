/* SPDX-License-Identifier: Apache-2.0 */
/* Text to the console port, and the ends of a payload. */
#include <stdarg.h>

#include "lib/cpu.h"
#include "lib/payload.h"
#include "lib/trap.h"

#define PORT_CONSOLE 0xe9
#define PORT_EXIT 0xf4

static unsigned failures;

static void
put_char(char c)
{
	port_write8(PORT_CONSOLE, (uint8_t)c);
}

static void
put_text(const char *text)
{
	while (*text != '\0')
		put_char(*text++);
}

static void
put_number(uint64_t value, unsigned base)
{
	char digits[24];
	unsigned at = sizeof(digits) - 1;

	digits[at] = '\0';
	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	put_text(&digits[at]);
}

static void
put_signed(int value)
{
	if (value < 0)
		put_char('-');
	put_number(value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10);
}

static uint64_t
take_unsigned(va_list *args, bool is_long)
{
	if (is_long)
		return va_arg(*args, unsigned long);
	return va_arg(*args, unsigned);
}

static void
say_list(const char *format, va_list *args)
{
	for (const char *p = format; *p != '\0'; p++) {
		bool is_long;

		if (*p != '%') {
			put_char(*p);
			continue;
		}
		is_long = *++p == 'l';
		if (is_long)
			p++;
		switch (*p) {
		case 's':
			put_text(va_arg(*args, const char *));
			break;
		case 'd':
			put_signed(va_arg(*args, int));
			break;
		case 'u':
			put_number(take_unsigned(args, is_long), 10);
			break;
		case 'x':
			put_number(take_unsigned(args, is_long), 16);
			break;
		default:
			put_text("<format?>");
			break;
		}
	}
}

void
say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_list(format, &args);
	va_end(args);
}

static _Noreturn void
payload_end(enum verdict verdict, const char *format, va_list *args)
{
	static const char *const words[] = {
		"success", "skip ", "error ", "failure ",
	};

	say("payload %s: %s", payload_name, words[verdict]);
	if (format != NULL)
		say_list(format, args);
	put_char('\n');
	port_write8(PORT_EXIT, (uint8_t)verdict);
	for (;;)
		__asm__ volatile("cli; hlt");
}

#define END_WITH(verdict) \
	do { \
		va_list args; \
\
		va_start(args, format); \
		payload_end(verdict, format, &args); \
	} while (0)

void
payload_skip(const char *format, ...)
{
	END_WITH(VERDICT_SKIP);
}

void
payload_error(const char *format, ...)
{
	END_WITH(VERDICT_ERROR);
}

void
payload_fail(const char *format, ...)
{
	END_WITH(VERDICT_FAILURE);
}

void
check_failed(const char *file, int line, const char *format, ...)
{
	va_list args;

	failures++;
	say("  %s:%d: ", file, line);
	va_start(args, format);
	say_list(format, &args);
	va_end(args);
	put_char('\n');
}

void
payload_end_run(void)
{
	CHECK(interrupts_against_if == 0,
	    "%lu interrupts were delivered with IF=0", interrupts_against_if);
	if (failures != 0)
		payload_fail("%u checks", failures);
	payload_end(VERDICT_SUCCESS, NULL, NULL);
}
