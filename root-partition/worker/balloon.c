/* SPDX-License-Identifier: Apache-2.0 */
/* A bit for each page; ranges are checked before any is changed. */
#include "worker/balloon.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORD_BITS 64

static uint64_t
file_pages(const struct balloon *b)
{
	return (b->room->low + b->room->high) / BALLOON_PAGE;
}

static size_t
word_count(const struct balloon *b)
{
	return (file_pages(b) + WORD_BITS - 1) / WORD_BITS;
}

int
balloon_init(struct balloon *b, uint64_t start, const struct memmap *room,
    struct err *e)
{
	*b = (struct balloon){ .room = room, .start = start };
	/* What is never written to takes no memory. */
	b->given_up = calloc(word_count(b), sizeof(*b->given_up));
	if (b->given_up == NULL)
		return err_set(e, ENOMEM, "ledger of memory: out of memory");
	return 0;
}

void
balloon_destroy(struct balloon *b)
{
	free(b->given_up);
	b->given_up = NULL;
}

uint64_t
balloon_present(const struct balloon *b)
{
	return (b->start + b->added_to - b->added_from) / BALLOON_PAGE;
}

void
balloon_forget(struct balloon *b)
{
	b->epoch++;
	b->added_from = b->added_to = 0;
	if (b->given_up_pages != 0)
		memset(b->given_up, 0, word_count(b) * sizeof(*b->given_up));
	b->given_up_pages = 0;
	b->first_word = 0;
}

int64_t
balloon_offset(const struct balloon *b, const struct provider_memory_range *r)
{
	uint64_t most = UINT64_MAX / BALLOON_PAGE, from, to;
	int64_t offset;

	if (r->pages == 0 || r->pages > most || r->pfn > most)
		return -1;
	offset = memmap_offset(b->room, r->pfn * BALLOON_PAGE,
	    r->pages * BALLOON_PAGE);
	if (offset < 0)
		return -1;
	from = (uint64_t)offset;
	to = from + r->pages * BALLOON_PAGE;
	if (to <= b->start || (from >= b->added_from && to <= b->added_to))
		return offset;
	return -1;
}

static bool
is_given_up(const struct balloon *b, uint64_t page)
{
	return (b->given_up[page / WORD_BITS] >> page % WORD_BITS & 1) != 0;
}

/* False if one of them is as it is to become. */
static bool
pages_mark(struct balloon *b, uint64_t first, uint64_t count, bool given_up)
{
	for (uint64_t page = first; page < first + count; page++) {
		if (is_given_up(b, page) == given_up) {
			/* As if nothing had been said. */
			while (page-- > first)
				b->given_up[page / WORD_BITS] ^=
				    UINT64_C(1) << page % WORD_BITS;
			return false;
		}
		b->given_up[page / WORD_BITS] ^=
		    UINT64_C(1) << page % WORD_BITS;
	}
	if (given_up && first / WORD_BITS < b->first_word)
		b->first_word = first / WORD_BITS;
	return true;
}

int
balloon_give_up(struct balloon *b, const struct provider_memory_range *ranges,
    unsigned count, struct err *e)
{
	uint64_t pages = 0;
	unsigned i;

	for (i = 0; i < count; i++) {
		int64_t at = balloon_offset(b, &ranges[i]);

		if (at < 0 || !pages_mark(b, (uint64_t)at / BALLOON_PAGE,
		    ranges[i].pages, true))
			break;
		pages += ranges[i].pages;
	}
	if (i == count) {
		b->given_up_pages += pages;
		return 0;
	}
	while (i-- > 0)
		pages_mark(b, (uint64_t)balloon_offset(b, &ranges[i]) /
		    BALLOON_PAGE, ranges[i].pages, false);
	return err_set(e, EINVAL,
	    "the guest gives memory up that it does not have");
}

/* The first page from @page on that was given up, or @end. */
static uint64_t
next_given_up(const struct balloon *b, uint64_t page, uint64_t end)
{
	while (page < end) {
		uint64_t rest = b->given_up[page / WORD_BITS] >>
		    page % WORD_BITS;

		if (rest != 0)
			return page + (uint64_t)__builtin_ctzll(rest);
		page = (page / WORD_BITS + 1) * WORD_BITS;
	}
	return end;
}

unsigned
balloon_take(struct balloon *b, uint64_t pages,
    struct provider_memory_range *out, unsigned room)
{
	uint64_t end = file_pages(b), low = b->room->low / BALLOON_PAGE;
	uint64_t at = b->first_word * WORD_BITS;
	unsigned n = 0;

	while (n < room && pages > 0) {
		uint64_t first = next_given_up(b, at, end);

		for (at = first; at < end && at - first < pages &&
		    is_given_up(b, at) && (at != low || at == first); at++)
			continue;
		if (at == first)
			break;
		pages_mark(b, first, at - first, false);
		b->given_up_pages -= at - first;
		pages -= at - first;
		out[n++] = (struct provider_memory_range){
			.pfn = memmap_address(b->room, first * BALLOON_PAGE) /
			    BALLOON_PAGE,
			.pages = at - first,
		};
	}
	b->first_word = (at < end ? at : end - 1) / WORD_BITS;
	return n;
}

/* Where @size bytes at a multiple of @align fit; 0: nowhere. */
static uint64_t
place_find(const struct memmap *m, uint64_t offset, uint64_t size,
    uint64_t align)
{
	uint64_t gpa = memmap_address(m, offset);

	if (gpa > UINT64_MAX - align)
		return 0;
	gpa = (gpa + align - 1) / align * align;
	if (gpa < MEMMAP_HOLE_END && memmap_offset(m, gpa, size) < 0)
		gpa = MEMMAP_HOLE_END;
	return memmap_offset(m, gpa, size) < 0 ? 0 : gpa;
}

int
balloon_add(struct balloon *b, uint64_t pages, uint64_t align,
    struct provider_memory_range *out, struct err *e)
{
	uint64_t most = UINT64_MAX / BALLOON_PAGE / 2, gpa = 0, offset;
	bool first = b->added_to == b->added_from;

	if (pages != 0 && pages <= most && align != 0 && align <= most)
		gpa = place_find(b->room, first ? b->start : b->added_to,
		    pages * BALLOON_PAGE, align * BALLOON_PAGE);
	/* Between what was added there must be no gap. */
	if (gpa == 0 || (!first && (uint64_t)memmap_offset(b->room, gpa,
	    pages * BALLOON_PAGE) != b->added_to))
		return err_set(e, ENOSPC,
		    "there is no room to add memory: see memory-max");
	offset = (uint64_t)memmap_offset(b->room, gpa, pages * BALLOON_PAGE);
	if (first)
		b->added_from = offset;
	b->added_to = offset + pages * BALLOON_PAGE;
	*out = (struct provider_memory_range){ gpa / BALLOON_PAGE, pages };
	return 0;
}

int
balloon_drop(struct balloon *b, uint64_t pages, struct err *e)
{
	if (pages > (b->added_to - b->added_from) / BALLOON_PAGE)
		return err_set(e, EINVAL, "that much was not added");
	b->added_to -= pages * BALLOON_PAGE;
	if (next_given_up(b, b->added_to / BALLOON_PAGE, file_pages(b)) !=
	    file_pages(b)) {
		b->added_to += pages * BALLOON_PAGE;
		return err_set(e, EINVAL, "the guest has used it");
	}
	return 0;
}
