/* SPDX-License-Identifier: Apache-2.0 */
/* Loading: what ends up where, and what is said of bad files. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "worker/bytes.h"
#include "worker/loader.h"

#define MIB (UINT64_C(1) << 20)
#define KERNEL_AT (16 * MIB)
#define KERNEL_NEEDS (8 * MIB)

static char dir[64];
static struct config c;
static struct guest_memory g;
static struct start start;
static struct err e;

static void
file_write(char path[CONFIG_PATH_MAX], const char *name, const void *bytes,
    size_t len)
{
	FILE *f;

	snprintf(path, CONFIG_PATH_MAX, "%s/%s", dir, name);
	f = fopen(path, "wb");
	cr_assert(f != NULL && fwrite(bytes, 1, len, f) == len);
	fclose(f);
}

/* A bzImage of one sector of setup, with its kernel full of 0xcc. */
static void
kernel_write(void)
{
	static uint8_t f[1024 + 8192];

	memset(f, 0, 1024);
	memset(f + 1024, 0xcc, 8192);
	f[0x1f1] = 1;
	put16(f + 0x1fe, 0xaa55);
	f[0x201] = 0x6a;
	memcpy(f + 0x202, "HdrS", 4);
	put16(f + 0x206, 0x020f);
	f[0x211] = 1;
	put32(f + 0x22c, 0x7fffffff);
	put16(f + 0x236, 3);
	put32(f + 0x238, 2047);
	put64(f + 0x258, KERNEL_AT);
	put32(f + 0x260, KERNEL_NEEDS);
	file_write(c.kernel, "kernel", f, sizeof(f));
}

static void
setup(void)
{
	strcpy(dir, "/tmp/worker-loader-XXXXXX");
	cr_assert(mkdtemp(dir) != NULL);
	config_default(&c);
	c.initrd[0] = '\0';
	kernel_write();
}

static void
teardown(void)
{
	char path[CONFIG_PATH_MAX];

	snprintf(path, sizeof(path), "%s/kernel", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/initrd", dir);
	unlink(path);
	rmdir(dir);
}

static int
load(uint64_t memory)
{
	cr_assert_eq(guest_memory_create(&g, memory, 0, &e), 0, "%s", e.text);
	return loader_load(&c, &g, &start, &e);
}

static void
expect_refused(uint64_t memory, const char *because)
{
	cr_assert_eq(load(memory), -1);
	cr_expect(strstr(e.text, because) != NULL, "%s", e.text);
}

TestSuite(loader, .init = setup, .fini = teardown);

Test(loader, puts_a_linux_kernel_where_it_wants_to_be)
{
	strcpy(c.cmdline, "console=ttyS0");
	cr_assert_eq(load(64 * MIB), 0, "%s", e.text);
	cr_expect_eq(start.protocol, START_LINUX_64);
	cr_expect_eq(start.entry, KERNEL_AT + 0x200);
	cr_expect_eq(g.base[KERNEL_AT], 0xcc);
	cr_expect_eq(g.base[KERNEL_AT + 8191], 0xcc);
	cr_expect_eq(g.base[KERNEL_AT + 8192], 0);
	cr_expect_str_eq((char *)g.base + MEMMAP_CMDLINE, "console=ttyS0");
	cr_expect_arr_eq(g.base + MEMMAP_ACPI, "RSD PTR ", 8);
	cr_expect_eq(get64(g.base + MEMMAP_ZERO_PAGE + 0x70), MEMMAP_ACPI);
}

Test(loader, puts_the_initrd_at_the_top_of_low_memory)
{
	file_write(c.initrd, "initrd", "initrd!", 7);
	cr_assert_eq(load(64 * MIB), 0, "%s", e.text);
	cr_expect_eq(get32(g.base + MEMMAP_ZERO_PAGE + 0x218),
	    64 * MIB - 4096);
	cr_expect_eq(get32(g.base + MEMMAP_ZERO_PAGE + 0x21c), 7);
	cr_expect_arr_eq(g.base + 64 * MIB - 4096, "initrd!", 7);
}

Test(loader, says_how_much_memory_the_kernel_needs)
{
	expect_refused(16 * MIB, "at least 24M");
}

Test(loader, says_how_much_memory_kernel_and_initrd_need)
{
	static uint8_t large[2 << 20];

	file_write(c.initrd, "initrd", large, sizeof(large));
	expect_refused(24 * MIB, "at least 27M");
}

Test(loader, says_which_file_is_missing)
{
	strcpy(c.kernel, "/nonexistent/vmlinuz");
	expect_refused(64 * MIB, "kernel: /nonexistent/vmlinuz: No such file");
	kernel_write();
	strcpy(c.initrd, "/nonexistent/initrd");
	expect_refused(64 * MIB, "initrd: /nonexistent/initrd: No such file");
}

Test(loader, refuses_folders_and_empty_files)
{
	file_write(c.initrd, "initrd", "", 0);
	expect_refused(64 * MIB, "empty");
	strcpy(c.initrd, dir);
	expect_refused(64 * MIB, "not a regular file");
}

Test(loader, refuses_files_that_are_no_kernel)
{
	static const char text[2000] = "#!/bin/sh\n";

	file_write(c.kernel, "kernel", text, sizeof(text));
	expect_refused(64 * MIB, "neither");
	file_write(c.kernel, "kernel", "x", 1);
	expect_refused(64 * MIB, "neither");
}

Test(loader, refuses_a_command_line_that_is_too_long)
{
	FILE *f = fopen(c.kernel, "r+b");
	uint8_t max[4];

	put32(max, 9);
	cr_assert(f != NULL && fseek(f, 0x238, SEEK_SET) == 0 &&
	    fwrite(max, sizeof(max), 1, f) == 1);
	fclose(f);
	strcpy(c.cmdline, "0123456789");
	expect_refused(64 * MIB, "at most 9");
}

/* A PVH image with one segment at @address. */
static void
elf_write(uint64_t address, uint32_t note_type)
{
	static uint8_t f[512];

	memcpy(f, "\177ELF\2\1\1", 7);
	put16(f + 18, 62);
	put64(f + 32, 64);
	put16(f + 54, 56);
	put16(f + 56, 2);
	put32(f + 64, 1);
	put64(f + 64 + 8, 256);
	put64(f + 64 + 24, address);
	put64(f + 64 + 32, 16);
	put64(f + 64 + 40, 4096);
	memset(f + 256, 0x90, 16);
	put32(f + 120, 4);
	put64(f + 120 + 8, 300);
	put64(f + 120 + 32, 20);
	put64(f + 120 + 40, 20);
	put32(f + 300, 4);
	put32(f + 304, 4);
	put32(f + 308, note_type);
	memcpy(f + 312, "Xen", 4);
	put32(f + 316, 0x100020);
	file_write(c.kernel, "kernel", f, sizeof(f));
}

Test(loader, loads_a_pvh_image)
{
	elf_write(MIB, 18);
	cr_assert_eq(load(16 * MIB), 0, "%s", e.text);
	cr_expect_eq(start.protocol, START_PVH);
	cr_expect_eq(start.entry, 0x100020);
	cr_expect_eq(g.base[MIB], 0x90);
	cr_expect_eq(get32(g.base + MEMMAP_START_INFO), 0x336ec578);
}

Test(loader, refuses_pvh_images_outside_of_memory)
{
	elf_write(16 * MIB, 18);
	expect_refused(16 * MIB, "at least 17M");
	elf_write(0x8000, 18);
	expect_refused(16 * MIB, "below 1 MiB");
}

Test(loader, refuses_elf_files_without_the_entry)
{
	elf_write(MIB, 17);
	expect_refused(16 * MIB, "PVH entry");
}
