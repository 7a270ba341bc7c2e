/* SPDX-License-Identifier: Apache-2.0 */
/* The hypervisor's counters, which the driver shows as texts in debugfs. */
#ifndef MULLION_WORKER_COUNTERS_H
#define MULLION_WORKER_COUNTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTERS_TEXT_MAX 32768
#define COUNTERS_PARTITIONS_MAX 512

/* The partitions that had counters at some moment, and the way to them. */
struct counters_scan {
	int dir_fd;
	size_t count;
	uint64_t ids[COUNTERS_PARTITIONS_MAX];
};

/*
 * Find the value of the counter @name in a text with a line "name : value"
 * for each. False if it is not there or is no number.
 */
bool counters_find(const char *text, size_t len, const char *name,
    uint64_t *value);

/*
 * Remember which partitions there are. Until counters_scan_end() no other
 * worker does the same, so that one more partition then is our own.
 */
void counters_scan_begin(struct counters_scan *s);

/*
 * Find the partition that came since. Returns a descriptor of its folder, or
 * -1 when it cannot be told or counters cannot be read.
 */
int counters_scan_end(struct counters_scan *s);

/* Open a text, of the partition or one VP; -1 when there is none. */
int counters_open(int partition_dir);
int counters_open_vp(int partition_dir, unsigned vp);

/* Read a text anew. Returns its length; 0 when there is none. */
size_t counters_read(int fd, char text[COUNTERS_TEXT_MAX]);

#endif
