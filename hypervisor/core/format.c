/* SPDX-License-Identifier: Apache-2.0 */
/* The part of printf's language that the hypervisor uses. */

#include "core/print.h"
#include "core/string.h"

struct output {
	char *buf;
	size_t size;
	size_t used;		/* may pass size: then text was cut */
};

struct conversion {
	bool zero;
	bool prefix;
	size_t width;
	size_t precision;	/* SIZE_MAX: none given */
	bool wide;		/* the integer argument has 64 bits */
	char kind;
};

static void
output_char(struct output *o, char c)
{
	if (o->used + 1 < o->size)
		o->buf[o->used] = c;
	o->used++;
}

static void
output_repeat(struct output *o, char c, size_t n)
{
	while (n-- > 0)
		output_char(o, c);
}

static size_t
parse_number(const char **fmt)
{
	size_t n = 0;

	while (**fmt >= '0' && **fmt <= '9') {
		n = n * 10 + (size_t)(**fmt - '0');
		(*fmt)++;
	}
	return n;
}

static void
parse_conversion(const char **fmt, struct conversion *c)
{
	*c = (struct conversion){ .precision = SIZE_MAX };
	for (;; (*fmt)++) {
		if (**fmt == '0')
			c->zero = true;
		else if (**fmt == '#')
			c->prefix = true;
		else
			break;
	}
	c->width = parse_number(fmt);
	if (**fmt == '.') {
		(*fmt)++;
		c->precision = parse_number(fmt);
	}
	while (**fmt == 'l' || **fmt == 'z') {
		c->wide = true;
		(*fmt)++;
	}
	c->kind = **fmt;
	if (c->kind != '\0')
		(*fmt)++;
}

static void
output_padded(struct output *o, const struct conversion *c, const char *s,
	size_t n)
{
	output_repeat(o, ' ', c->width > n ? c->width - n : 0);
	for (size_t i = 0; i < n; i++)
		output_char(o, s[i]);
}

static void
output_string(struct output *o, const struct conversion *c, const char *s)
{
	size_t n = 0;

	if (s == NULL)
		s = "(null)";
	while (n < c->precision && s[n] != '\0')
		n++;
	output_padded(o, c, s, n);
}

/* @lead is what comes before the digits: a sign, 0x or nothing. */
static void
output_number(struct output *o, const struct conversion *c, uint64_t v,
	const char *lead)
{
	uint64_t base = c->kind == 'x' || c->kind == 'p' ? 16 : 10;
	char digits[20];
	char text[64];
	size_t n = 0;
	size_t used;
	size_t lead_len = strlen(lead);

	do {
		digits[n++] = "0123456789abcdef"[v % base];
		v /= base;
	} while (v != 0);

	memcpy(text, lead, lead_len);
	used = lead_len;
	if (c->zero)
		while (used + n < MIN(c->width, sizeof(text)))
			text[used++] = '0';
	while (n > 0)
		text[used++] = digits[--n];
	output_padded(o, c, text, used);
}

static void
output_signed(struct output *o, const struct conversion *c, int64_t v)
{
	if (v < 0)
		output_number(o, c, -(uint64_t)v, "-");
	else
		output_number(o, c, (uint64_t)v, "");
}

size_t
format_text_v(char *buf, size_t size, const char *fmt, va_list args)
{
	struct output o = { .buf = buf, .size = size };
	struct conversion c;
	uint64_t u;
	char one;

	while (*fmt != '\0') {
		if (*fmt != '%') {
			output_char(&o, *fmt++);
			continue;
		}
		fmt++;
		parse_conversion(&fmt, &c);
		switch (c.kind) {
		case 'c':
			one = (char)va_arg(args, int);
			output_padded(&o, &c, &one, 1);
			break;
		case 's':
			output_string(&o, &c, va_arg(args, const char *));
			break;
		case 'd':
			output_signed(&o, &c, c.wide ?
			    va_arg(args, int64_t) : va_arg(args, int));
			break;
		case 'u':
		case 'x':
			u = c.wide ? va_arg(args, uint64_t) :
			    va_arg(args, unsigned int);
			output_number(&o, &c, u,
			    c.prefix && c.kind == 'x' ? "0x" : "");
			break;
		case 'p':
			u = (uintptr_t)va_arg(args, void *);
			output_number(&o, &c, u, "0x");
			break;
		case '%':
			output_char(&o, '%');
			break;
		default:
			/* Unknown: shown as it is, and then text goes on. */
			output_char(&o, '%');
			if (c.kind != '\0')
				output_char(&o, c.kind);
			break;
		}
	}
	if (size > 0)
		buf[MIN(o.used, size - 1)] = '\0';
	return o.used;
}

size_t
format_text(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	size_t n;

	va_start(args, fmt);
	n = format_text_v(buf, size, fmt, args);
	va_end(args);
	return n;
}
