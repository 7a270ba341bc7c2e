/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of kernel images, good and bad. */
#include <criterion/criterion.h>
#include <string.h>

#include "worker/bytes.h"
#include "worker/bzimage.h"
#include "worker/elf.h"

static uint8_t head[BZIMAGE_PROBE_SIZE];

static void
bzimage(void)
{
	memset(head, 0, sizeof(head));
	head[0x1f1] = 39;
	put16(head + 0x1fe, 0xaa55);
	head[0x201] = 0x6a;
	memcpy(head + 0x202, "HdrS", 4);
	put16(head + 0x206, 0x020f);
	head[0x211] = 1;
	put32(head + 0x22c, 0x7fffffff);
	put16(head + 0x236, 3);
	put32(head + 0x238, 2047);
	put64(head + 0x258, 0x1000000);
	put32(head + 0x260, 0x3000000);
}

static int
parse(uint64_t file_size, struct bzimage *k, struct err *e)
{
	return bzimage_parse(head, sizeof(head), file_size, k, e);
}

TestSuite(bzimage, .init = bzimage);

Test(bzimage, tells_what_to_load_and_where)
{
	struct bzimage k;
	struct err e;

	cr_assert_eq(parse(10000000, &k, &e), 0, "%s", e.text);
	cr_expect_eq(k.file_offset, 40 * 512);
	cr_expect_eq(k.size, 10000000 - 40 * 512);
	cr_expect_eq(k.preferred, 0x1000000);
	cr_expect_eq(k.memory_size, 0x3000000);
	cr_expect_eq(k.initrd_max, 0x7fffffff);
	cr_expect_eq(k.cmdline_max, 2047);
	cr_expect_eq(k.header_size, 0x202 + 0x6a - BZIMAGE_HEADER);
	cr_expect_arr_eq(k.header, head + BZIMAGE_HEADER, k.header_size);
}

Test(bzimage, no_sectors_means_four)
{
	struct bzimage k;
	struct err e;

	head[0x1f1] = 0;
	cr_assert_eq(parse(10000000, &k, &e), 0);
	cr_expect_eq(k.file_offset, 5 * 512);
}

Test(bzimage, an_image_larger_than_it_says_still_fits)
{
	struct bzimage k;
	struct err e;

	put32(head + 0x260, 4096);
	cr_assert_eq(parse(10000000, &k, &e), 0);
	cr_expect_geq(k.memory_size, k.size);
}

Test(bzimage, refuses_what_has_no_64_bit_entry)
{
	struct bzimage k;
	struct err e;

	put16(head + 0x236, 0);
	cr_assert_eq(parse(10000000, &k, &e), -1);
	cr_expect(strstr(e.text, "64-bit") != NULL, "%s", e.text);
}

Test(bzimage, refuses_an_old_protocol)
{
	struct bzimage k;
	struct err e;

	put16(head + 0x206, 0x0206);
	cr_assert_eq(parse(10000000, &k, &e), -1);
	cr_expect(strstr(e.text, "2.6") != NULL, "%s", e.text);
}

Test(bzimage, refuses_a_file_that_is_cut_off)
{
	struct bzimage k;
	struct err e;

	cr_assert_eq(parse(40 * 512 + 0x200, &k, &e), -1);
	cr_expect(strstr(e.text, "cut off") != NULL, "%s", e.text);
}

Test(bzimage, refuses_absurd_addresses)
{
	struct bzimage k;
	struct err e;

	put64(head + 0x258, UINT64_MAX - 100);
	cr_expect_eq(parse(10000000, &k, &e), -1);
}

Test(bzimage, is_not_found_in_other_files)
{
	cr_expect(bzimage_detect(head, sizeof(head)));
	cr_expect(!bzimage_detect(head, 0x200));
	head[0x202] = 'h';
	cr_expect(!bzimage_detect(head, sizeof(head)));
}

static uint8_t elf_file[1024];

/* One segment to load at 1 MiB and one of notes with the entry. */
static void
elf_image(void)
{
	uint8_t *h = elf_file, *p = elf_file + 64, *note = elf_file + 512;

	memset(elf_file, 0, sizeof(elf_file));
	memcpy(h, "\177ELF\2\1\1", 7);
	put16(h + 18, 62);
	put64(h + 32, 64);
	put16(h + 54, 56);
	put16(h + 56, 2);
	put32(p, 1);
	put64(p + 8, 256);
	put64(p + 24, 0x100000);
	put64(p + 32, 100);
	put64(p + 40, 200);
	put32(p + 56, 4);
	put64(p + 56 + 8, 512);
	put64(p + 56 + 32, 20);
	put64(p + 56 + 40, 20);
	put32(note, 4);
	put32(note + 4, 4);
	put32(note + 8, 18);
	memcpy(note + 12, "Xen", 4);
	put32(note + 16, 0x100020);
}

static int
segments(struct elf *elf, struct err *e)
{
	uint64_t offset;
	size_t size;

	if (elf_locate(elf_file, sizeof(elf_file), sizeof(elf_file), &offset,
	    &size, e) < 0)
		return -1;
	return elf_segments(elf_file + offset, size, sizeof(elf_file), elf,
	    e);
}

TestSuite(elf, .init = elf_image);

Test(elf, lists_segments_and_notes)
{
	struct elf elf;
	struct err e;

	cr_assert_eq(segments(&elf, &e), 0, "%s", e.text);
	cr_assert_eq(elf.load_count, 1);
	cr_expect_eq(elf.load[0].address, 0x100000);
	cr_expect_eq(elf.load[0].file_size, 100);
	cr_expect_eq(elf.load[0].memory_size, 200);
	cr_assert_eq(elf.note_count, 1);
	cr_expect_eq(elf.note[0].file_offset, 512);
}

Test(elf, finds_the_entry)
{
	uint64_t entry;

	cr_assert(elf_find_entry(elf_file + 512, 20, &entry));
	cr_expect_eq(entry, 0x100020);
}

Test(elf, passes_over_other_notes)
{
	uint8_t notes[44] = { 0 };
	uint64_t entry;

	put32(notes, 6);
	put32(notes + 4, 3);
	put32(notes + 8, 18);
	memcpy(notes + 12, "Other", 6);
	memcpy(notes + 24, elf_file + 512, 20);
	cr_assert(elf_find_entry(notes, sizeof(notes), &entry));
	cr_expect_eq(entry, 0x100020);
}

Test(elf, a_note_longer_than_the_segment_is_none)
{
	uint64_t entry;

	put32(elf_file + 512 + 4, 0xfffffffc);
	cr_expect(!elf_find_entry(elf_file + 512, 20, &entry));
	put32(elf_file + 512, 0xffffffff);
	cr_expect(!elf_find_entry(elf_file + 512, 20, &entry));
}

Test(elf, refuses_other_machines)
{
	struct elf elf;
	struct err e;

	put16(elf_file + 18, 183);
	cr_expect_eq(segments(&elf, &e), -1);
}

Test(elf, refuses_segments_outside_of_the_file)
{
	struct elf elf;
	struct err e;

	put64(elf_file + 64 + 8, 1000);
	cr_expect_eq(segments(&elf, &e), -1);
	put64(elf_file + 64 + 8, UINT64_MAX - 10);
	cr_expect_eq(segments(&elf, &e), -1);
}

Test(elf, refuses_segments_that_wrap_around)
{
	struct elf elf;
	struct err e;

	put64(elf_file + 64 + 24, UINT64_MAX - 100);
	cr_expect_eq(segments(&elf, &e), -1);
}

Test(elf, refuses_headers_outside_of_the_file)
{
	struct elf elf;
	struct err e;

	put64(elf_file + 32, 2000);
	cr_expect_eq(segments(&elf, &e), -1);
	put64(elf_file + 32, 64);
	put16(elf_file + 56, 17);
	cr_expect_eq(segments(&elf, &e), -1);
	put16(elf_file + 56, 0);
	cr_expect_eq(segments(&elf, &e), -1);
}
