/* SPDX-License-Identifier: Apache-2.0 */
/* Guest memory: creation, mapping, and the way from address to pointer. */
#include "worker/guest_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "worker/sealed_file.h"

#define LARGE_PAGE (UINT64_C(2) << 20)
#define MIB (UINT64_C(1) << 20)

static int
check_size(uint64_t bytes, const char *key, struct err *e)
{
	uint64_t have = (uint64_t)sysconf(_SC_PHYS_PAGES) *
	    (uint64_t)sysconf(_SC_PAGESIZE);

	if (bytes > have)
		return err_set(e, ENOMEM,
		    "%s: %llu MiB were asked for, the machine has %llu",
		    key, (unsigned long long)(bytes / MIB),
		    (unsigned long long)(have / MIB));
	return 0;
}

/*
 * Address space first, with room to align: large pages of the host can only
 * become large pages of the guest if all three addresses are aligned alike.
 */
static uint8_t *
map_aligned(int fd, uint64_t bytes)
{
	uint8_t *room, *base;
	uint64_t ahead;

	room = mmap(NULL, bytes + LARGE_PAGE, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return NULL;
	ahead = -(uintptr_t)room & (LARGE_PAGE - 1);
	base = room + ahead;
	if (mmap(base, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED) {
		munmap(room, bytes + LARGE_PAGE);
		return NULL;
	}
	if (ahead != 0)
		munmap(room, ahead);
	munmap(base + bytes, LARGE_PAGE - ahead);
	return base;
}

int
guest_memory_create(struct guest_memory *g, uint64_t bytes, uint64_t most,
    struct err *e)
{
	struct memmap map = memmap_of(bytes);
	struct memmap room = memmap_with_room(bytes, most);
	uint64_t size = room.low + room.high;
	AUTO_CLOSE int fd = -1;
	uint8_t *base;

	if (check_size(bytes, "memory", e) < 0 ||
	    check_size(most, "memory-max", e) < 0)
		return -1;
	fd = sealed_file_create("guest-memory", size, e);
	if (fd < 0)
		return -1;
	base = map_aligned(fd, size);
	if (base == NULL)
		return err_set(e, errno, "mapping guest memory: %s",
		    strerror(errno));
	/* Hints: a kernel that does not know them loses nothing. */
	madvise(base, size, MADV_HUGEPAGE);
	madvise(base, size, MADV_DONTDUMP);
	madvise(base, size, MADV_DONTFORK);
	*g = (struct guest_memory){ .fd = take_fd(&fd), .base = base,
		.size = size, .map = map, .room = room };
	return balloon_init(&g->balloon, bytes, &g->room, e);
}

void
guest_memory_destroy(struct guest_memory *g)
{
	balloon_destroy(&g->balloon);
	munmap(g->base, g->size);
	close(g->fd);
}

int
guest_memory_discard(const struct guest_memory *g, uint64_t offset,
    uint64_t len, struct err *e)
{
	if (fallocate(g->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
	    (off_t)offset, (off_t)len) < 0)
		return err_set(e, errno, "giving memory back: %s",
		    strerror(errno));
	return 0;
}

uint64_t
guest_memory_resident(const struct guest_memory *g)
{
	struct stat st;

	return fstat(g->fd, &st) < 0 ? 0 : (uint64_t)st.st_blocks * 512;
}

uint8_t *
guest_memory_at(const struct guest_memory *g, uint64_t gpa, uint64_t len)
{
	int64_t offset = memmap_offset(&g->room, gpa, len);

	return offset < 0 ? NULL : g->base + offset;
}
