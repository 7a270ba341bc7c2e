/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that comes and goes at the word of a provider. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "fake_backend.h"
#include "vmbus_guest.h"

#define MIB UINT64_C(1048576)
#define BLOCK_PAGES (MEMMAP_BLOCK / 4096)

static int provider;
static uint64_t epoch;
static struct {
	struct provider_memory_answer m;
	struct provider_memory_range ranges[4];
} answer;

static void
ask_ranges(enum provider_memory_op op, uint64_t pages,
    const struct provider_memory_range *ranges, uint32_t count)
{
	struct {
		struct provider_memory_request m;
		struct provider_memory_range ranges[4];
	} r = { .m = {
		.head = { PROVIDER_MEMORY_REQUEST,
		    (uint32_t)(sizeof(r.m) + count * sizeof(*ranges)) },
		.op = op,
		.range_count = count,
		.epoch = epoch,
		.pages = pages,
		.align = BLOCK_PAGES,
	} };

	if (count != 0)
		memcpy(r.ranges, ranges, count * sizeof(*ranges));
	memset(&answer, 0, sizeof(answer));
	provider_tell(provider, &r, r.m.head.size);
	provider_expect(provider, PROVIDER_MEMORY_ANSWER, &answer,
	    sizeof(answer), NULL, 0);
	epoch = answer.m.epoch;
}

static void
ask(enum provider_memory_op op, uint64_t pages)
{
	ask_ranges(op, pages, NULL, 0);
}

static void
setup(void)
{
	vmbus_setup_room(200 * MIB);
	epoch = 0;
	provider = provider_join(PROVIDER_MEMORY);
	ask(PROVIDER_MEMORY_TELL, 0);
}

TestSuite(provider_memory, .init = setup);

Test(provider_memory, figures_are_told)
{
	cr_expect_eq(answer.m.status, 0);
	cr_expect_eq(answer.m.present, 1024);
	cr_expect_eq(answer.m.given_up, 0);
}

Test(provider_memory, pages_given_up_go_back_and_read_as_zeros)
{
	const struct provider_memory_range r = { 16, 512 };
	uint8_t *page = machine.memory.base + 16 * 4096;
	uint64_t before;

	memset(page - 1, 0x55, 512 * 4096 + 2);
	before = guest_memory_resident(&machine.memory);
	ask_ranges(PROVIDER_MEMORY_GIVEN_UP, 0, &r, 1);
	cr_expect_eq(answer.m.status, 0);
	cr_expect_eq(answer.m.given_up, 512);
	cr_expect_eq(guest_memory_resident(&machine.memory),
	    before - 512 * 4096);
	cr_expect_eq(page[-1], 0x55);
	cr_expect_eq(page[512 * 4096], 0x55);
	cr_expect_eq(page[0], 0);
	cr_expect_eq(page[512 * 4096 - 1], 0);
}

Test(provider_memory, what_comes_back_is_told)
{
	const struct provider_memory_range r = { 16, 512 };
	struct partition_stats stats = { .memory = 0 };

	ask_ranges(PROVIDER_MEMORY_GIVEN_UP, 0, &r, 1);
	vmbus_host_memory(&host, &stats);
	cr_expect_eq(stats.memory, 2 * MIB);
	ask(PROVIDER_MEMORY_TAKE, 100);
	cr_assert_eq(answer.m.range_count, 1);
	cr_expect_eq(answer.ranges[0].pfn, 16);
	cr_expect_eq(answer.ranges[0].pages, 100);
	cr_expect_eq(answer.m.given_up, 412);
}

Test(provider_memory, pages_of_others_are_not_given_up)
{
	const struct provider_memory_range r[] = { { 16, 1 }, { 1024, 1 } };

	memset(machine.memory.base + 16 * 4096, 0x55, 4096);
	ask_ranges(PROVIDER_MEMORY_GIVEN_UP, 0, r, 2);
	cr_expect_eq(answer.m.status, EINVAL);
	cr_expect_eq(machine.memory.base[16 * 4096], 0x55);
}

Test(provider_memory, what_is_added_is_mapped)
{
	fake.maps = 0;
	ask(PROVIDER_MEMORY_ADD, BLOCK_PAGES);
	cr_assert_eq(answer.m.status, 0);
	cr_expect_eq(answer.ranges[0].pfn, BLOCK_PAGES);
	cr_expect_eq(answer.m.present, 1024 + BLOCK_PAGES);
	cr_assert_eq(fake.maps, 1);
	cr_expect_eq(fake.map_gpa[0], MEMMAP_BLOCK);
	cr_expect_eq(fake.map_size[0], MEMMAP_BLOCK);
	/* What was refused stays where it is, for the next time. */
	ask(PROVIDER_MEMORY_DROP, BLOCK_PAGES);
	cr_expect_eq(answer.m.present, 1024);
	ask(PROVIDER_MEMORY_ADD, BLOCK_PAGES);
	cr_expect_eq(answer.m.status, 0);
	cr_expect_eq(fake.maps, 1);
}

Test(provider_memory, all_that_there_may_be_can_be_added)
{
	ask(PROVIDER_MEMORY_ADD, BLOCK_PAGES);
	ask(PROVIDER_MEMORY_ADD, BLOCK_PAGES);
	cr_expect_eq(answer.m.status, 0);
	ask(PROVIDER_MEMORY_ADD, BLOCK_PAGES);
	cr_expect_eq(answer.m.status, ENOSPC);
}

Test(provider_memory, nothing_is_done_for_an_earlier_guest)
{
	const struct provider_memory_range r = { 16, 1 };

	ask_ranges(PROVIDER_MEMORY_GIVEN_UP, 0, &r, 1);
	ask(PROVIDER_MEMORY_ADD, BLOCK_PAGES);
	guest_connect();
	/* The event that says so. */
	provider_expect(provider, PROVIDER_EVENT, &answer, sizeof(answer),
	    NULL, 0);
	machine.memory.base[16 * 4096] = 0x55;
	ask_ranges(PROVIDER_MEMORY_GIVEN_UP, 0, &r, 1);
	cr_expect_eq(answer.m.status, ESTALE);
	cr_expect_eq(answer.m.present, 1024);
	cr_expect_eq(answer.m.given_up, 0);
	cr_expect_eq(machine.memory.base[16 * 4096], 0x55);
}

Test(provider_memory, is_nobody_elses_business)
{
	const struct provider_memory_request r = {
		.head = { PROVIDER_MEMORY_REQUEST, sizeof(r) },
		.op = PROVIDER_MEMORY_TELL,
	};
	int other = provider_join(PROVIDER_RAW);
	char byte;

	provider_tell(other, &r, sizeof(r));
	cr_expect_eq(recv(other, &byte, 1, MSG_DONTWAIT), 0, "it goes on");
}
