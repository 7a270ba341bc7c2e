/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are a kernel to start, and what is taken from their header. */

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "boot/bytes.h"
#include "boot/bzimage.h"

#define IMAGE_SIZE	8192

static uint8_t image[IMAGE_SIZE];

/* A kernel of three setup sectors and a protected-mode part. */
static void
image_reset(void)
{
	memset(image, 0, sizeof(image));
	image[0x1f1] = 3;
	put16(image + 0x1fe, 0xaa55);
	image[0x201] = 0x6a;
	memcpy(image + 0x202, "HdrS", 4);
	put16(image + 0x206, 0x20f);
	image[0x211] = 1;
	put32(image + 0x22c, 0x7fffffff);
	put32(image + 0x230, 0x200000);
	image[0x234] = 1;
	put16(image + 0x236, 1);
	put32(image + 0x238, 2047);
	put64(image + 0x258, 0x1000000);
	put32(image + 0x260, 0x2000000);
}

TestSuite(bzimage, .init = image_reset);

Test(bzimage, takes_what_loading_needs)
{
	struct bzimage k;

	cr_assert_null(bzimage_parse(image, IMAGE_SIZE, &k));
	cr_expect_eq(k.header_end, 0x26c);
	cr_expect_eq(k.payload, 2048);
	cr_expect_eq(k.payload_size, IMAGE_SIZE - 2048);
	cr_expect_eq(k.alignment, 0x200000);
	cr_expect_eq(k.preferred, 0x1000000);
	cr_expect_eq(k.init_size, 0x2000000);
	cr_expect_eq(k.cmdline_max, 2047);
	cr_expect_eq(k.initrd_max, 0x7fffffff);
}

Test(bzimage, reads_no_setup_sectors_as_four)
{
	struct bzimage k;

	image[0x1f1] = 0;
	cr_assert_null(bzimage_parse(image, IMAGE_SIZE, &k));
	cr_expect_eq(k.payload, 5 * 512);
}

Test(bzimage, puts_no_limit_on_an_initrd_where_the_kernel_has_none)
{
	struct bzimage k;

	put16(image + 0x236, 3);
	cr_assert_null(bzimage_parse(image, IMAGE_SIZE, &k));
	cr_expect_eq(k.initrd_max, UINT64_MAX);
}

struct damage {
	const char *what;
	size_t at;
	size_t size;
	uint64_t value;
};

ParameterizedTestParameters(bzimage, refuses_a_damaged_header)
{
	static struct damage damages[] = {
		{ "no boot flag", 0x1fe, 2, 0 },
		{ "no magic", 0x202, 4, 0 },
		{ "old protocol", 0x206, 2, 0x20b },
		{ "not loaded high", 0x211, 1, 0 },
		{ "no 64-bit entry", 0x236, 2, 0 },
		{ "not relocatable", 0x234, 1, 0 },
		{ "short setup header", 0x201, 1, 0x10 },
		{ "long setup header", 0x201, 1, 0xff },
		{ "setup longer than the file", 0x1f1, 1, 200 },
		{ "odd alignment", 0x230, 4, 0x201000 },
		{ "no alignment", 0x230, 4, 0 },
		{ "needs less than it has", 0x260, 4, 0x100 },
		{ "needs too much", 0x260, 4, 0xffffffff },
	};

	return cr_make_param_array(struct damage, damages,
	    ARRAY_SIZE(damages));
}

ParameterizedTest(struct damage *d, bzimage, refuses_a_damaged_header)
{
	struct bzimage k;

	image_reset();
	memcpy(image + d->at, &d->value, d->size);
	cr_expect_not_null(bzimage_parse(image, IMAGE_SIZE, &k), "%s",
	    d->what);
}

Test(bzimage, refuses_a_file_that_is_shorter_than_a_header)
{
	struct bzimage k;

	cr_expect_not_null(bzimage_parse(image, 0x200, &k));
	cr_expect_not_null(bzimage_parse(image, 0, &k));
}
