/* SPDX-License-Identifier: Apache-2.0 */
/* Boot information from anywhere, then the plan and parameters made of it. */

#include <stdlib.h>
#include <string.h>

#include "boot/boot_params.h"
#include "boot/bytes.h"
#include "boot/multiboot.h"
#include "boot/plan.h"

#define INFORMATION_MAX	16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct boot_info info;
static struct plan plan;

static void
check(bool right)
{
	if (!right)
		abort();
}

static void
check_map(const struct memory_map *map)
{
	size_t i;

	check(map->count <= MEMORY_RANGES_MAX);
	for (i = 0; i < map->count; i++) {
		check(map->range[i].start < map->range[i].end);
		check(i == 0 || map->range[i - 1].end <= map->range[i].start);
	}
}

static void
make_plan(void)
{
	static uint8_t kernel_file[1024];
	static uint8_t page[BOOT_PARAMS_SIZE];
	static uint8_t node[BOOT_SETUP_DATA_SIZE];
	const struct bzimage kernel = {
		.header_end = 0x26c, .alignment = SIZE_2M,
		.preferred = 8 * SIZE_2M, .init_size = 20 * SIZE_2M,
	};
	const struct plan_input in = {
		.memory = &info.memory,
		.image = { SIZE_2M, 0x30000 },
		.taken = { { info.module[0].start, info.module[0].size },
		    { info.module[1].start, info.module[1].size } },
		.processors = 4,
		.kernel = &kernel,
		.handover_size = 0xa000,
	};
	const struct boot_params_input params = {
		.kernel = kernel_file, .image = &kernel,
		.memory = &plan.parent_memory, .screen = &info.screen,
	};

	if (plan_make(&in, &plan) != NULL)
		return;
	check_map(&plan.parent_memory);
	boot_params_build(&params, page, node);
}

/* Writes what the input says, as far as there is room. */
struct writer {
	uint8_t bytes[INFORMATION_MAX];
	size_t used;
};

static void
write_range(uint8_t *entry, const uint8_t *data)
{
	/* Everything in one GiB, so that ranges meet; some far away. */
	unsigned int shift = data[2] > 250 ? 56 : 22;

	put64(entry, ((uint64_t)data[0] << shift) + data[3] % 2 * 0x800);
	put64(entry + 8, (uint64_t)data[1] << shift);
	put32(entry + 16, data[2] % 7);
}

/* A memory map tag of an entry for every four bytes. */
static void
write_memory(struct writer *w, const uint8_t *data, size_t size)
{
	uint8_t *tag = w->bytes + w->used;
	size_t count = size / 4;
	size_t i;

	if (w->used + 16 + count * 24 > sizeof(w->bytes))
		return;
	put32(tag, 6);
	put32(tag + 4, (uint32_t)(16 + count * 24));
	put32(tag + 8, 24);
	for (i = 0; i < count; i++)
		write_range(tag + 16 + i * 24, data + i * 4);
	w->used += align_up(16 + count * 24, 8);
}

/* Any tag: its type, a wrong length now and then, and the bytes as they are. */
static void
write_tag(struct writer *w, uint8_t type, const uint8_t *data, size_t size)
{
	uint8_t *tag = w->bytes + w->used;

	if (w->used + 8 + align_up(size, 8) > sizeof(w->bytes))
		return;
	put32(tag, type % 16);
	put32(tag + 4, (uint32_t)(8 + size) + (type > 240 ? type : 0));
	memcpy(tag + 8, data, size);
	w->used += 8 + align_up(size, 8);
}

/* Records: a type, a length, and so many bytes. */
static void
write_information(struct writer *w, const uint8_t *data, size_t size)
{
	size_t at = 0;

	memset(w, 0, sizeof(*w));
	w->used = 8;
	while (size - at >= 2) {
		size_t length = MIN((size_t)data[at + 1], size - at - 2);

		if (data[at] % 16 == 6 && data[at] < 128)
			write_memory(w, data + at + 2, length);
		else
			write_tag(w, data[at], data + at + 2, length);
		at += 2 + length;
	}
	put32(w->bytes, (uint32_t)w->used);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct writer w;
	uint8_t *bytes;

	write_information(&w, data, size);
	/* Of just that size, so that the sanitizer sees reads beyond. */
	bytes = malloc(w.used);
	if (bytes == NULL)
		return 0;
	memcpy(bytes, w.bytes, w.used);
	if (multiboot_parse(bytes, w.used, &info) == NULL) {
		check_map(&info.memory);
		if (info.module_count > 0)
			check(strlen(info.module[0].text) < w.used);
		make_plan();
	}
	free(bytes);
	return 0;
}
