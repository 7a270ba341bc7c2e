/* SPDX-License-Identifier: Apache-2.0 */
/* What lies where in a child's physical address space. */
#ifndef MULLION_WORKER_MEMMAP_H
#define MULLION_WORKER_MEMMAP_H

#include <stddef.h>
#include <stdint.h>

/* What the worker writes below 1 MiB before the child starts. */
#define MEMMAP_GDT 0x1000
#define MEMMAP_START_INFO 0x6000
#define MEMMAP_START_INFO_SIZE 0x1000
#define MEMMAP_ZERO_PAGE 0x7000
#define MEMMAP_PAGE_TABLES 0x10000
#define MEMMAP_CMDLINE 0x20000
#define MEMMAP_CMDLINE_SIZE 0x1000
#define MEMMAP_LOW_END 0x9fc00
#define MEMMAP_VGA 0xa0000
#define MEMMAP_ACPI 0xe0000
#define MEMMAP_ACPI_SIZE 0x20000
#define MEMMAP_KERNEL_MIN 0x100000

/* No RAM between these: local APICs, the I/O APIC, windows for devices. */
#define MEMMAP_HOLE UINT64_C(0xc0000000)
#define MEMMAP_HOLE_END UINT64_C(0x100000000)
#define MEMMAP_IOAPIC UINT64_C(0xfec00000)
#define MEMMAP_IOAPIC_SIZE 0x1000
#define MEMMAP_LAPIC UINT64_C(0xfee00000)
#define MEMMAP_WINDOW_END MEMMAP_IOAPIC

/* The second window for devices: as large as this, above all RAM. */
#define MEMMAP_HIGH_WINDOW_SIZE UINT64_C(0x100000000)
#define MEMMAP_HIGH_WINDOW_ALIGN UINT64_C(0x40000000)

#define MEMMAP_E820_MAX 8

/* Kernels take memory that is added in pieces of this, at multiples of it. */
#define MEMMAP_BLOCK UINT64_C(0x8000000)

enum memmap_type {
	MEMMAP_RAM = 1,
	MEMMAP_RESERVED = 2,
	MEMMAP_ACPI_DATA = 3,
};

struct memmap_range {
	uint64_t start;
	uint64_t size;
	enum memmap_type type;
};

/* RAM from 0 to @low and, if there is more, from 4 GiB on. */
struct memmap {
	uint64_t low;
	uint64_t high;
};

/* The map of a child with @bytes of memory. */
struct memmap memmap_of(uint64_t bytes);

/*
 * The map that has all of memmap_of(@bytes), and above that enough to add
 * memory until there are @most bytes.
 */
struct memmap memmap_with_room(uint64_t bytes, uint64_t most);

/* The ranges to tell the child's kernel of, in order. Returns how many. */
size_t memmap_ranges(const struct memmap *m,
    struct memmap_range out[MEMMAP_E820_MAX]);

/* First address of the window for devices above all RAM. */
uint64_t memmap_high_window(const struct memmap *m);

/*
 * Where @len bytes at guest address @gpa lie in the memory file; -1 when they
 * are not all RAM, or not all in one piece.
 */
int64_t memmap_offset(const struct memmap *m, uint64_t gpa, uint64_t len);

/* The guest address of what lies at @offset, below the file's size. */
uint64_t memmap_address(const struct memmap *m, uint64_t offset);

#endif
