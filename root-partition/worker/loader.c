/* SPDX-License-Identifier: Apache-2.0 */
/* The loader: which bytes of which file go where. */
#include "worker/loader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "worker/acpi.h"
#include "worker/bootinfo.h"
#include "worker/bzimage.h"
#include "worker/elf.h"

#define PAGE UINT64_C(4096)
#define MIB (UINT64_C(1) << 20)
/* Where the firmware of a PC begins. */
#define RESET_ENTRY 0xffff0

/* An image file, and what its beginning looks like. */
struct image {
	int fd;
	uint64_t size;
	uint8_t head[BZIMAGE_PROBE_SIZE];
	size_t head_size;
};

/* What was put where so far. */
struct layout {
	struct guest_memory *memory;
	struct bzimage kernel;		/* of a Linux kernel */
	uint64_t kernel_address;
	uint64_t kernel_end;		/* the first free address after it */
	uint64_t initrd_max;
	uint32_t cmdline_max;
	struct boot_files files;
};

static int
file_open(const char *path, int *fd, uint64_t *size, struct err *e)
{
	AUTO_CLOSE int f = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (f < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	if (fstat(f, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s: not a regular file", path);
	if (st.st_size == 0)
		return err_set(e, EINVAL, "%s: the file is empty", path);
	*fd = take_fd(&f);
	*size = (uint64_t)st.st_size;
	return 0;
}

/* Read exactly @len bytes: a file that got shorter meanwhile is an error. */
static int
file_read_at(int fd, uint8_t *out, uint64_t len, uint64_t offset,
    struct err *e)
{
	while (len != 0) {
		ssize_t n = pread(fd, out, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, errno, "%s", strerror(errno));
		if (n == 0)
			return err_set(e, EINVAL, "the file is cut off");
		out += n;
		len -= (uint64_t)n;
		offset += (uint64_t)n;
	}
	return 0;
}

static uint64_t
memory_size(const struct layout *l)
{
	return l->memory->map.low + l->memory->map.high;
}

/* NULL also for what may only be added later. */
static uint8_t *
start_memory_at(const struct layout *l, uint64_t address, uint64_t len)
{
	int64_t offset = memmap_offset(&l->memory->map, address, len);

	return offset < 0 ? NULL : l->memory->base + offset;
}

static unsigned long long
mib_up(uint64_t bytes)
{
	return (bytes + MIB - 1) / MIB;
}

static int
linux_load(const struct image *i, struct layout *l, struct start *start,
    struct err *e)
{
	const struct memmap *map = &l->memory->map;
	struct bzimage *k = &l->kernel;
	uint8_t *to;

	if (bzimage_parse(i->head, i->head_size, i->size, k, e) < 0)
		return -1;
	to = start_memory_at(l, k->preferred, k->memory_size);
	if (k->preferred < MEMMAP_KERNEL_MIN || to == NULL ||
	    k->preferred + k->memory_size > map->low)
		return err_set(e, ENOMEM,
		    "it needs at least %lluM of memory, the partition has %lluM",
		    mib_up(k->preferred + k->memory_size),
		    mib_up(memory_size(l)));
	if (file_read_at(i->fd, to, k->size, k->file_offset, e) < 0)
		return -1;
	l->kernel_address = k->preferred;
	l->kernel_end = k->preferred + k->memory_size;
	l->initrd_max = k->initrd_max;
	l->cmdline_max = k->cmdline_max;
	start->protocol = START_LINUX_64;
	start->entry = k->preferred + BZIMAGE_ENTRY_64;
	return 0;
}

static int
segment_load(const struct image *i, const struct elf_segment *s,
    struct layout *l, struct err *e)
{
	uint8_t *to = start_memory_at(l, s->address, s->memory_size);
	uint64_t end = s->address + s->memory_size;

	if (s->address < MEMMAP_KERNEL_MIN)
		return err_set(e, EINVAL,
		    "it loads at %#llx, below 1 MiB, where tables are",
		    (unsigned long long)s->address);
	if (to == NULL)
		return err_set(e, ENOMEM,
		    "it needs at least %lluM of memory, the partition has %lluM",
		    mib_up(end), mib_up(memory_size(l)));
	if (end > l->kernel_end)
		l->kernel_end = end;
	return file_read_at(i->fd, to, s->file_size, s->file_offset, e);
}

static int
entry_find(const struct image *i, const struct elf *elf, uint64_t *entry,
    struct err *e)
{
	for (size_t n = 0; n < elf->note_count; n++) {
		AUTO_FREE uint8_t *notes = NULL;
		uint64_t size = elf->note[n].file_size;

		if (size > ELF_NOTES_MAX)
			continue;
		notes = malloc(size + 1);
		if (notes == NULL)
			return err_set(e, ENOMEM, "out of memory");
		if (file_read_at(i->fd, notes, size,
		    elf->note[n].file_offset, e) < 0)
			return -1;
		if (elf_find_entry(notes, size, entry))
			return 0;
	}
	return err_set(e, EINVAL,
	    "it is an ELF file without a PVH entry (note Xen 18)");
}

static int
elf_load(const struct image *i, struct layout *l, struct start *start,
    struct err *e)
{
	uint8_t headers[ELF_SEGMENTS_MAX * ELF_SEGMENT_HEADER_SIZE];
	uint64_t offset;
	struct elf elf;
	size_t size;

	if (elf_locate(i->head, i->head_size, i->size, &offset, &size,
	    e) < 0 ||
	    file_read_at(i->fd, headers, size, offset, e) < 0 ||
	    elf_segments(headers, size, i->size, &elf, e) < 0 ||
	    entry_find(i, &elf, &start->entry, e) < 0)
		return -1;
	for (size_t n = 0; n < elf.load_count; n++)
		if (segment_load(i, &elf.load[n], l, e) < 0)
			return -1;
	l->initrd_max = UINT32_MAX;
	l->cmdline_max = MEMMAP_CMDLINE_SIZE - 1;
	start->protocol = START_PVH;
	return 0;
}

static int
kernel_load(const char *path, struct layout *l, struct start *start,
    struct err *e)
{
	AUTO_CLOSE int fd = -1;
	struct image i;

	if (file_open(path, &fd, &i.size, e) < 0)
		return err_prefix(e, "kernel");
	i.fd = fd;
	i.head_size = i.size < sizeof(i.head) ? (size_t)i.size :
	    sizeof(i.head);
	if (file_read_at(fd, i.head, i.head_size, 0, e) < 0)
		return err_prefix(e, "kernel %s", path);
	if (elf_detect(i.head, i.head_size)) {
		if (elf_load(&i, l, start, e) < 0)
			return err_prefix(e, "kernel %s", path);
		return 0;
	}
	if (!bzimage_detect(i.head, i.head_size))
		return err_set(e, EINVAL, "kernel %s: neither a Linux kernel "
		    "(bzImage) nor an ELF file with a PVH entry", path);
	if (linux_load(&i, l, start, e) < 0)
		return err_prefix(e, "kernel %s", path);
	return 0;
}

/* As high as it may lie, so that it is out of the kernel's way. */
static int
initrd_load(const char *path, struct layout *l, struct err *e)
{
	uint64_t top = l->memory->map.low, size, address;
	AUTO_CLOSE int fd = -1;

	if (file_open(path, &fd, &size, e) < 0)
		return err_prefix(e, "initrd");
	if (l->initrd_max < top - 1)
		top = l->initrd_max + 1;
	address = size < top ? (top - size) & ~(PAGE - 1) : 0;
	if (address < l->kernel_end)
		return err_set(e, ENOMEM, "initrd %s: kernel and initrd need "
		    "at least %lluM of memory, the partition has %lluM", path,
		    mib_up(l->kernel_end + size + PAGE),
		    mib_up(memory_size(l)));
	if (file_read_at(fd, l->memory->base + address, size, 0, e) < 0)
		return err_prefix(e, "initrd %s", path);
	l->files.initrd = address;
	l->files.initrd_size = size;
	return 0;
}

static int
cmdline_load(const char *text, struct layout *l, struct err *e)
{
	size_t len = strlen(text);

	if (len >= MEMMAP_CMDLINE_SIZE || len > l->cmdline_max)
		return err_set(e, EINVAL,
		    "cmdline: %zu characters, this kernel takes at most %u",
		    len, l->cmdline_max);
	memcpy(l->memory->base + MEMMAP_CMDLINE, text, len + 1);
	l->files.cmdline = MEMMAP_CMDLINE;
	l->files.cmdline_length = (uint32_t)len;
	return 0;
}

/*
 * Linux leaves what follows -- to the first process: our disk loader adds it
 * to what the guest's own system wants. Disks are looked for before a driver
 * has loaded, so that the first one is found first.
 */
static int
loader_cmdline_load(const struct config *c, struct layout *l, struct err *e)
{
	char text[CONFIG_CMDLINE_MAX + 64];

	snprintf(text, sizeof(text), "%squiet scsi_mod.scan=sync -- %s",
	    c->console == CONFIG_CONSOLE_SERIAL ? "console=ttyS0 " : "",
	    c->cmdline);
	return cmdline_load(text, l, e);
}

static int
tables_load(const struct config *c, struct layout *l, struct err *e)
{
	struct acpi_machine machine = {
		.cpus = c->cpus,
		.serial = c->console == CONFIG_CONSOLE_SERIAL,
		.memory = l->memory->room,
	};
	size_t len;

	l->files.rsdp = MEMMAP_ACPI;
	return acpi_build(&machine, MEMMAP_ACPI,
	    l->memory->base + MEMMAP_ACPI, RESET_ENTRY - MEMMAP_ACPI, &len, e);
}

/*
 * Linux takes reduced ACPI for a sign of EFI, finds none to reset the machine
 * with, and enters the firmware of a PC instead, in real mode.
 */
static void
reset_load(struct guest_memory *g)
{
	static const uint8_t code[] = {
		0xba, 0xf9, 0x0c,	/* mov $0xcf9, %dx */
		0xb0, 0x06,		/* mov $6, %al */
		0xee,			/* out %al, %dx */
		0xf4,			/* hlt */
		0xeb, 0xfd,		/* jmp to the hlt */
	};

	memcpy(g->base + RESET_ENTRY, code, sizeof(code));
}

static void
info_load(struct layout *l, const struct start *start)
{
	uint8_t *base = l->memory->base;

	bootinfo_gdt(base + MEMMAP_GDT);
	if (start->protocol == START_PVH) {
		bootinfo_start_info(base + MEMMAP_START_INFO,
		    MEMMAP_START_INFO, &l->files, &l->memory->map);
		return;
	}
	bootinfo_page_tables(base + MEMMAP_PAGE_TABLES, MEMMAP_PAGE_TABLES);
	bootinfo_zero_page(base + MEMMAP_ZERO_PAGE, &l->kernel, &l->files,
	    &l->memory->map, l->kernel_address);
}

int
loader_load(const struct config *c, struct guest_memory *g,
    struct start *start, struct err *e)
{
	struct layout l = { .memory = g };

	if (kernel_load(c->kernel, &l, start, e) < 0 ||
	    (c->initrd[0] != '\0' && initrd_load(c->initrd, &l, e) < 0) ||
	    (c->from_disk ? loader_cmdline_load(c, &l, e) :
	    cmdline_load(c->cmdline, &l, e)) < 0 ||
	    tables_load(c, &l, e) < 0)
		return -1;
	reset_load(g);
	info_load(&l, start);
	return 0;
}
