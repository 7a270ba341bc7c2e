/* SPDX-License-Identifier: Apache-2.0 */
/* Bit fields, bitmaps and alignment. */

#include <criterion/criterion.h>

#include "core/atomic.h"
#include "core/bits.h"
#include "core/types.h"

Test(bits, a_field_has_its_bits_and_no_other)
{
	cr_expect_eq(BITS(63, 0), UINT64_MAX);
	cr_expect_eq(BITS(15, 8), 0xff00);
	cr_expect_eq(BITS(63, 63), UINT64_C(1) << 63);
}

Test(bits, counts_and_finds)
{
	uint64_t v = UINT64_C(0x8000000000000010);

	cr_expect_eq(bits_count(0), 0);
	cr_expect_eq(bits_count(UINT64_MAX), 64);
	cr_expect_eq(bits_count(v), 2);
	cr_expect_eq(bits_lowest(v), 4);
	cr_expect_eq(bits_highest(v), 63);
}

Test(bits, bitmaps_reach_beyond_one_word)
{
	uint64_t map[2] = { 0, 0 };

	bitmap_set(map, 100);
	cr_expect(bitmap_test(map, 100));
	cr_expect_eq(map[1], UINT64_C(1) << 36);
	bitmap_clear(map, 100);
	cr_expect_eq(map[1], 0);
}

Test(bits, atomic_bits_return_what_was_there)
{
	uint64_t map[2] = { 0, 0 };

	cr_expect_not(atomic_bit_set(map, 70));
	cr_expect(atomic_bit_set(map, 70));
	cr_expect_eq(map[1], 64);
}

Test(types, aligns_down_and_up)
{
	cr_expect_eq(align_down(0x1fff, 0x1000), 0x1000);
	cr_expect_eq(align_up(0x1001, 0x1000), 0x2000);
	cr_expect_eq(align_up(0x1000, 0x1000), 0x1000);
	cr_expect_eq(align_up(UINT64_MAX, 0x1000), 0);
	cr_expect(is_aligned(0x2000, 0x1000));
	cr_expect_not(is_aligned(0x2800, 0x1000));
}
