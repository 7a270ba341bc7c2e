/* SPDX-License-Identifier: Apache-2.0 */
/* Finding and reading a partition's counters in debugfs. */
#include "worker/counters.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#define FOLDER "/sys/kernel/debug/mshv/partition"

static size_t
list(int dir_fd, uint64_t ids[COUNTERS_PARTITIONS_MAX])
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *entry;
	size_t n = 0;
	DIR *dir;

	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (n < COUNTERS_PARTITIONS_MAX &&
	    (entry = readdir(dir)) != NULL) {
		char *end;
		uint64_t id = strtoull(entry->d_name, &end, 10);

		if (end != entry->d_name && *end == '\0')
			ids[n++] = id;
	}
	closedir(dir);
	return n;
}

void
counters_scan_begin(struct counters_scan *s)
{
	s->count = 0;
	s->dir_fd = open(FOLDER, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->dir_fd < 0)
		return;
	flock(s->dir_fd, LOCK_EX);
	s->count = list(s->dir_fd, s->ids);
}

static bool
is_known(const struct counters_scan *s, uint64_t id)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->ids[i] == id)
			return true;
	return false;
}

static int
folder_open(int dir_fd, uint64_t id)
{
	char name[24];

	snprintf(name, sizeof(name), "%llu", (unsigned long long)id);
	return openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
counters_scan_end(struct counters_scan *s)
{
	uint64_t now[COUNTERS_PARTITIONS_MAX], ours = 0;
	size_t count, new = 0;
	int fd = -1;

	if (s->dir_fd < 0)
		return -1;
	count = list(s->dir_fd, now);
	for (size_t i = 0; i < count; i++) {
		if (is_known(s, now[i]))
			continue;
		ours = now[i];
		new++;
	}
	/* Another program may have made one at the same time. */
	if (new == 1)
		fd = folder_open(s->dir_fd, ours);
	close(s->dir_fd);
	return fd;
}

int
counters_open(int partition_dir)
{
	if (partition_dir < 0)
		return -1;
	return openat(partition_dir, "stats", O_RDONLY | O_CLOEXEC);
}

int
counters_open_vp(int partition_dir, unsigned vp)
{
	char name[32];

	if (partition_dir < 0)
		return -1;
	snprintf(name, sizeof(name), "vp/%u/stats", vp);
	return openat(partition_dir, name, O_RDONLY | O_CLOEXEC);
}

size_t
counters_read(int fd, char text[COUNTERS_TEXT_MAX])
{
	size_t len = 0;

	while (fd >= 0 && len < COUNTERS_TEXT_MAX) {
		ssize_t n = pread(fd, text + len, COUNTERS_TEXT_MAX - len,
		    (off_t)len);

		if (n <= 0)
			break;
		len += (size_t)n;
	}
	return len;
}
