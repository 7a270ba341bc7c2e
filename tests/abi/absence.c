/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's memory is absent: it reads as ones and keeps no write. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cases.h"

GUEST_BLOB(out8);

#define RANGES_MAX 32
#define FIRST (UINT64_C(1) << 20)	/* below is firmware */
#define SHARED_MAX 4096u		/* pages that the parent does see */
#define PRIVATE_MIN 64u			/* less is no hypervisor */

struct range {
	uint64_t start;
	uint64_t end;		/* the last byte */
};

struct tally {
	uint64_t absent;
	uint64_t visible;
	uint64_t kept;		/* absent, but a write stayed */
};

static sigjmp_buf on_fault;

static void
fault_caught(int number)
{
	(void)number;
	siglongjmp(on_fault, 1);
}

/*
 * Reserved ranges of the memory map in which there is RAM: above 1 MiB and
 * below the end of a range of System RAM under 4 GiB, where devices begin.
 */
static size_t
reserved_ranges(struct range *out)
{
	struct range found[RANGES_MAX];
	size_t count = 0, kept = 0;
	uint64_t ram_end = 0;
	char line[256];
	FILE *f = fopen("/proc/iomem", "r");

	if (f == NULL)
		return 0;
	while (fgets(line, sizeof(line), f) != NULL) {
		struct range r;

		if (line[0] == ' ' || sscanf(line, "%" SCNx64 "-%" SCNx64,
		    &r.start, &r.end) != 2 || r.start >> 32 != 0)
			continue;
		if (strstr(line, "System RAM") != NULL && r.end > ram_end)
			ram_end = r.end;
		if (strstr(line, "Reserved") != NULL && r.start >= FIRST &&
		    count < RANGES_MAX)
			found[count++] = r;
	}
	fclose(f);
	for (size_t i = 0; i < count; i++) {
		/* Right behind the RAM there may be what was its end. */
		if (found[i].start <= ram_end + 1)
			out[kept++] = found[i];
	}
	return kept;
}

static bool
page_is_ones(const volatile uint64_t *page)
{
	for (size_t i = 0; i < GUEST_PAGE / sizeof(*page); i++) {
		if (page[i] != UINT64_MAX)
			return false;
	}
	return true;
}

static bool
page_keeps(volatile uint64_t *page)
{
	for (size_t i = 0; i < GUEST_PAGE / sizeof(*page); i++)
		page[i] = UINT64_C(0x5a5a5a5a5a5a5a5a);
	return !page_is_ones(page);
}

static void
page_try(int memory, uint64_t address, struct tally *t)
{
	volatile uint64_t *page = mmap(NULL, GUEST_PAGE,
	    PROT_READ | PROT_WRITE, MAP_SHARED, memory, (off_t)address);

	if (page == MAP_FAILED)
		return;
	if (sigsetjmp(on_fault, 1) != 0)
		t->absent++;		/* a fault is absence as well */
	else if (!page_is_ones(page))
		t->visible++;		/* firmware's, or meant to be seen */
	else if (page_keeps(page))
		t->kept++;
	else
		t->absent++;
	munmap((void *)(uintptr_t)page, GUEST_PAGE);
}

static void
tally_take(int memory, struct tally *t)
{
	struct sigaction caught = { .sa_handler = fault_caught };
	struct sigaction before;
	struct range ranges[RANGES_MAX];
	size_t count = reserved_ranges(ranges);

	sigaction(SIGBUS, &caught, &before);
	sigaction(SIGSEGV, &caught, NULL);
	for (size_t i = 0; i < count; i++) {
		for (uint64_t a = ranges[i].start; a < ranges[i].end;
		    a += GUEST_PAGE)
			page_try(memory, a, t);
	}
	sigaction(SIGBUS, &before, NULL);
	sigaction(SIGSEGV, &before, NULL);
}

static const char *
it_is_a_hole(struct guest *g)
{
	struct tally t = { 0 };
	int memory = open("/dev/mem", O_RDWR | O_CLOEXEC | O_SYNC);

	(void)g;
	if (memory < 0 && (errno == ENOENT || errno == EPERM))
		return "skip there is no /dev/mem";
	EXPECT_OK(memory);
	tally_take(memory, &t);
	close(memory);
	EXPECT_EQ(t.kept, 0);
	EXPECT(t.absent >= PRIVATE_MIN, "only %" PRIu64 " pages are absent, "
	    "%" PRIu64 " are not", t.absent, t.visible);
	EXPECT(t.visible <= SHARED_MAX, "%" PRIu64 " reserved pages can be "
	    "seen", t.visible);
	return NULL;
}

/* After all that was written there, guests run as before. */
static const char *
it_is_alive_after_that(struct guest *g)
{
	EXPECT_OK(GUEST_LOAD(g, out8));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(guest_io(g)->rax & 0xff, 0x42);
	return NULL;
}

static const struct abi_case absence_cases[] = {
	{ "it-is-a-hole", GUEST_DEVICE, it_is_a_hole },
	{ "it-is-alive-after-that", GUEST_VP, it_is_alive_after_that },
};
ABI_GROUP(absence);
