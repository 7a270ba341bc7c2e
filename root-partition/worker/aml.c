/* SPDX-License-Identifier: Apache-2.0 */
/* ACPI machine language: ACPI specification 6.4, chapters 20 and 6.4. */
#include "worker/aml.h"

#include <string.h>

#include "worker/bytes.h"

enum {
	OP_ZERO = 0x00,
	OP_ONE = 0x01,
	OP_NAME = 0x08,
	OP_BYTE = 0x0a,
	OP_WORD = 0x0b,
	OP_DWORD = 0x0c,
	OP_STRING = 0x0d,
	OP_QWORD = 0x0e,
	OP_SCOPE = 0x10,
	OP_BUFFER = 0x11,
	OP_PACKAGE = 0x12,
	OP_METHOD = 0x14,
	DUAL_NAME = 0x2e,
	EXT_PREFIX = 0x5b,
	EXT_DEVICE = 0x82,
	OP_ARG0 = 0x68,
	OP_NOTIFY = 0x86,
	OP_EQUAL = 0x93,
	OP_IF = 0xa0,
};

enum {
	RES_IO = 0x47,
	RES_END = 0x79,
	RES_INTERRUPT = 0x89,
	RES_QWORD = 0x8a,
};

void
aml_init(struct aml *a, void *bytes, size_t size)
{
	*a = (struct aml){ .bytes = bytes, .size = size };
}

void
aml_bytes(struct aml *a, const void *bytes, size_t len)
{
	if (a->overflow || len > a->size - a->len) {
		a->overflow = true;
		return;
	}
	memcpy(a->bytes + a->len, bytes, len);
	a->len += len;
}

void
aml_byte(struct aml *a, uint8_t byte)
{
	aml_bytes(a, &byte, 1);
}

/* One segment: 4 characters, short ones filled up with underscores. */
static void
aml_segment(struct aml *a, const char *text, size_t len)
{
	char seg[4] = { '_', '_', '_', '_' };

	memcpy(seg, text, len < sizeof(seg) ? len : sizeof(seg));
	aml_bytes(a, seg, sizeof(seg));
}

void
aml_path(struct aml *a, const char *path)
{
	const char *dot;

	if (*path == '\\') {
		aml_byte(a, '\\');
		path++;
	}
	dot = strchr(path, '.');
	if (dot != NULL) {
		aml_byte(a, DUAL_NAME);
		aml_segment(a, path, (size_t)(dot - path));
		path = dot + 1;
	}
	aml_segment(a, path, strlen(path));
}

void
aml_integer(struct aml *a, uint64_t value)
{
	uint8_t b[8];

	put64(b, value);
	if (value <= 1) {
		aml_byte(a, value == 0 ? OP_ZERO : OP_ONE);
	} else if (value <= UINT8_MAX) {
		aml_byte(a, OP_BYTE);
		aml_bytes(a, b, 1);
	} else if (value <= UINT16_MAX) {
		aml_byte(a, OP_WORD);
		aml_bytes(a, b, 2);
	} else if (value <= UINT32_MAX) {
		aml_byte(a, OP_DWORD);
		aml_bytes(a, b, 4);
	} else {
		aml_byte(a, OP_QWORD);
		aml_bytes(a, b, 8);
	}
}

void
aml_string(struct aml *a, const char *text)
{
	aml_byte(a, OP_STRING);
	aml_bytes(a, text, strlen(text) + 1);
}

static unsigned
hex_digit(char c)
{
	return (unsigned)(c <= '9' ? c - '0' : c - 'A' + 10);
}

void
aml_eisa_id(struct aml *a, const char *id)
{
	unsigned letters = 0, product = 0;
	uint8_t b[4];

	for (size_t i = 0; i < 3; i++)
		letters = letters << 5 | (unsigned)(id[i] - '@');
	for (size_t i = 3; i < 7; i++)
		product = product << 4 | hex_digit(id[i]);
	/* The id is a big-endian number in a little-endian integer. */
	b[0] = (uint8_t)(letters >> 8);
	b[1] = (uint8_t)letters;
	b[2] = (uint8_t)(product >> 8);
	b[3] = (uint8_t)product;
	aml_byte(a, OP_DWORD);
	aml_bytes(a, b, sizeof(b));
}

void
aml_name(struct aml *a, const char *name)
{
	aml_byte(a, OP_NAME);
	aml_path(a, name);
}

size_t
aml_open_scope(struct aml *a, const char *path)
{
	size_t mark;

	aml_byte(a, OP_SCOPE);
	mark = a->len;
	aml_path(a, path);
	return mark;
}

size_t
aml_open_device(struct aml *a, const char *name)
{
	size_t mark;

	aml_byte(a, EXT_PREFIX);
	aml_byte(a, EXT_DEVICE);
	mark = a->len;
	aml_path(a, name);
	return mark;
}

size_t
aml_open_method(struct aml *a, const char *name, unsigned args,
    bool serialized)
{
	size_t mark;

	aml_byte(a, OP_METHOD);
	mark = a->len;
	aml_path(a, name);
	aml_byte(a, (uint8_t)(args | (serialized ? 8U : 0U)));
	return mark;
}

size_t
aml_open_package(struct aml *a, uint8_t elements)
{
	size_t mark;

	aml_byte(a, OP_PACKAGE);
	mark = a->len;
	aml_byte(a, elements);
	return mark;
}

size_t
aml_open_if_arg0_is(struct aml *a, uint64_t value)
{
	size_t mark;

	aml_byte(a, OP_IF);
	mark = a->len;
	aml_byte(a, OP_EQUAL);
	aml_byte(a, OP_ARG0);
	aml_integer(a, value);
	return mark;
}

/*
 * The length counts itself: 6 bits in one byte, or 4 bits and 1 to 3 further
 * bytes whose number the first tells.
 */
static size_t
encode_length(size_t body, uint8_t out[4])
{
	size_t more = 0, total;

	if (body + 1 < 0x40) {
		out[0] = (uint8_t)(body + 1);
		return 1;
	}
	do
		more++;
	while (body + 1 + more >= (size_t)1 << (4 + 8 * more));
	total = body + 1 + more;
	out[0] = (uint8_t)(more << 6 | (total & 0xf));
	for (size_t i = 1; i <= more; i++)
		out[i] = (uint8_t)(total >> (8 * i - 4));
	return 1 + more;
}

void
aml_close(struct aml *a, size_t mark)
{
	uint8_t length[4];
	size_t body, n;

	if (a->overflow)
		return;
	body = a->len - mark;
	n = encode_length(body, length);
	aml_bytes(a, length, n);
	if (a->overflow)
		return;
	memmove(a->bytes + mark + n, a->bytes + mark, body);
	memcpy(a->bytes + mark, length, n);
}

void
aml_notify(struct aml *a, const char *path, uint8_t value)
{
	aml_byte(a, OP_NOTIFY);
	aml_path(a, path);
	aml_integer(a, value);
}

void
aml_resources(struct aml *a, const struct aml *resources)
{
	/* A check sum of 0 says that there is none. */
	static const uint8_t end[] = { RES_END, 0 };
	size_t mark;

	a->overflow = a->overflow || resources->overflow;
	aml_name(a, "_CRS");
	aml_byte(a, OP_BUFFER);
	mark = a->len;
	aml_integer(a, resources->len + sizeof(end));
	aml_bytes(a, resources->bytes, resources->len);
	aml_bytes(a, end, sizeof(end));
	aml_close(a, mark);
}

void
aml_io_ports(struct aml *a, uint16_t port, uint8_t count)
{
	uint8_t d[8] = { RES_IO, 1 /* decodes 16 bits */ };

	put16(d + 2, port);
	put16(d + 4, port);
	d[6] = 1;
	d[7] = count;
	aml_bytes(a, d, sizeof(d));
}

void
aml_edge_interrupt(struct aml *a, uint32_t gsi)
{
	/* Consumer, edge, active high, not shared; one number. */
	uint8_t d[9] = { RES_INTERRUPT, 6, 0, 0x03, 1 };

	put32(d + 5, gsi);
	aml_bytes(a, d, sizeof(d));
}

void
aml_memory_window(struct aml *a, uint64_t first, uint64_t size)
{
	/* Memory, a producer with both ends fixed, writable. */
	uint8_t d[46] = { RES_QWORD, sizeof(d) - 3, 0, 0, 0x0c, 0x01 };

	put64(d + 14, first);
	put64(d + 22, first + size - 1);
	put64(d + 38, size);
	aml_bytes(a, d, sizeof(d));
}
