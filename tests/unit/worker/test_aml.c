/* SPDX-License-Identifier: Apache-2.0 */
/* AML encoding, against bytes worked out by hand from the specification. */
#include <criterion/criterion.h>
#include <string.h>

#include "worker/aml.h"

#define EXPECT(a, ...) do { \
	const uint8_t want[] = { __VA_ARGS__ }; \
	cr_assert_eq((a).len, sizeof(want), "%zu bytes", (a).len); \
	cr_expect_arr_eq((a).bytes, want, sizeof(want)); \
} while (0)

static uint8_t buffer[8192];

static struct aml
empty(void)
{
	struct aml a;

	aml_init(&a, buffer, sizeof(buffer));
	return a;
}

Test(aml, integers_take_the_shortest_form)
{
	struct aml a = empty();

	aml_integer(&a, 0);
	aml_integer(&a, 1);
	aml_integer(&a, 2);
	aml_integer(&a, 0x100);
	aml_integer(&a, 0x10000);
	aml_integer(&a, UINT64_C(0x100000000));
	EXPECT(a, 0x00, 0x01, 0x0a, 2, 0x0b, 0, 1, 0x0c, 0, 0, 1, 0,
	    0x0e, 0, 0, 0, 0, 1, 0, 0, 0);
}

Test(aml, paths_fill_segments_up)
{
	struct aml a = empty();

	aml_path(&a, "\\_S5");
	aml_path(&a, "_SB.PWRB");
	EXPECT(a, '\\', '_', 'S', '5', '_', 0x2e, '_', 'S', 'B', '_',
	    'P', 'W', 'R', 'B');
}

Test(aml, eisa_ids_are_compressed)
{
	struct aml a = empty();

	aml_eisa_id(&a, "PNP0501");
	EXPECT(a, 0x0c, 0x41, 0xd0, 0x05, 0x01);
}

Test(aml, short_packages_have_one_length_byte)
{
	struct aml a = empty();
	size_t mark = aml_open_package(&a, 2);

	aml_integer(&a, 5);
	aml_integer(&a, 0);
	aml_close(&a, mark);
	EXPECT(a, 0x12, 5, 2, 0x0a, 5, 0);
}

/* Bytes of the length field of a scope with @body bytes in it. */
static size_t
length_of(size_t body, uint8_t first[4])
{
	struct aml a = empty();
	size_t mark = aml_open_scope(&a, "_SB");

	for (size_t i = 0; i < body - 4; i++)
		aml_byte(&a, 0xa3);
	aml_close(&a, mark);
	cr_assert(!a.overflow);
	memcpy(first, a.bytes + 1, 4);
	return a.len - 1 - body;
}

Test(aml, length_grows_a_byte_where_it_has_to)
{
	uint8_t b[4];

	cr_expect_eq(length_of(62, b), 1);
	cr_expect_eq(b[0], 63);
	cr_expect_eq(length_of(63, b), 2);
	cr_expect_eq(b[0], 0x40 | 1, "65 = 4 * 16 + 1");
	cr_expect_eq(b[1], 4);
	cr_expect_eq(length_of(4093, b), 2);
	cr_expect_eq(length_of(4094, b), 3);
	cr_expect_eq(b[0], 0x80 | 1, "4097 = 256 * 16 + 1");
	cr_expect_eq(b[1], 0);
	cr_expect_eq(b[2], 1);
}

Test(aml, nested_objects_count_inner_lengths)
{
	struct aml a = empty();
	size_t outer = aml_open_scope(&a, "\\_SB");
	size_t inner = aml_open_device(&a, "COM1");

	aml_close(&a, inner);
	aml_close(&a, outer);
	EXPECT(a, 0x10, 13, '\\', '_', 'S', 'B', '_',
	    0x5b, 0x82, 5, 'C', 'O', 'M', '1');
}

Test(aml, methods_carry_arguments_and_serialisation)
{
	struct aml a = empty();
	size_t method = aml_open_method(&a, "_EVT", 1, true);
	size_t cond = aml_open_if_arg0_is(&a, 5);

	aml_notify(&a, "\\_SB.PWRB", 0x80);
	aml_close(&a, cond);
	aml_close(&a, method);
	EXPECT(a, 0x14, 25, '_', 'E', 'V', 'T', 0x09,
	    0xa0, 18, 0x93, 0x68, 0x0a, 5,
	    0x86, '\\', 0x2e, '_', 'S', 'B', '_', 'P', 'W', 'R', 'B',
	    0x0a, 0x80);
}

Test(aml, resources_are_a_buffer_with_an_end_tag)
{
	uint8_t descriptors[64];
	struct aml a = empty(), res;

	aml_init(&res, descriptors, sizeof(descriptors));
	aml_io_ports(&res, 0x3f8, 8);
	aml_edge_interrupt(&res, 4);
	aml_resources(&a, &res);
	EXPECT(a, 0x08, '_', 'C', 'R', 'S', 0x11, 22, 0x0a, 19,
	    0x47, 1, 0xf8, 3, 0xf8, 3, 1, 8,
	    0x89, 6, 0, 3, 1, 4, 0, 0, 0, 0x79, 0);
}

Test(aml, a_window_has_both_ends_and_its_length)
{
	struct aml a = empty();

	aml_memory_window(&a, UINT64_C(0xc0000000), 0x1000);
	EXPECT(a, 0x8a, 43, 0, 0, 0x0c, 1,
	    0, 0, 0, 0, 0, 0, 0, 0,
	    0, 0, 0, 0xc0, 0, 0, 0, 0,
	    0xff, 0x0f, 0, 0xc0, 0, 0, 0, 0,
	    0, 0, 0, 0, 0, 0, 0, 0,
	    0, 0x10, 0, 0, 0, 0, 0, 0);
}

Test(aml, what_does_not_fit_leaves_the_rest_alone)
{
	uint8_t small[9];
	struct aml a;
	size_t mark;

	memset(small, 0xee, sizeof(small));
	aml_init(&a, small, 8);
	mark = aml_open_scope(&a, "_SB");
	aml_string(&a, "too long");
	aml_integer(&a, 0);
	aml_close(&a, mark);
	cr_expect(a.overflow);
	cr_expect_eq(small[8], 0xee);
}

Test(aml, a_full_buffer_cannot_take_the_length)
{
	uint8_t small[5];
	struct aml a;
	size_t mark;

	aml_init(&a, small, sizeof(small));
	mark = aml_open_scope(&a, "_SB");
	cr_assert(!a.overflow);
	aml_close(&a, mark);
	cr_expect(a.overflow);
}
