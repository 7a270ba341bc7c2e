/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics pages, as the driver shows them in debugfs. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cases.h"

#define BASE "/sys/kernel/debug/mshv"

GUEST_BLOB(out8);
GUEST_BLOB(cpuid);

/* The counter @name in the file @path below BASE; -1 if it is not there. */
static long long
counter(const char *path, const char *name)
{
	char file[512], line[256];
	long long value = -1;
	FILE *f;

	snprintf(file, sizeof(file), BASE "/%s", path);
	f = fopen(file, "r");
	if (f == NULL)
		return -1;
	while (value < 0 && fgets(line, sizeof(line), f) != NULL) {
		size_t length = strlen(name);

		if (strncmp(line, name, length) == 0 &&
		    (line[length] == ' ' || line[length] == ':'))
			value = atoll(strchr(line, ':') + 1);
	}
	fclose(f);
	return value;
}

/* The highest partition id that has a folder: the newest. */
static unsigned long long
newest_partition(void)
{
	unsigned long long newest = 0;
	struct dirent *entry;
	DIR *d = opendir(BASE "/partition");

	if (d == NULL)
		return 0;
	while ((entry = readdir(d)) != NULL) {
		unsigned long long id = strtoull(entry->d_name, NULL, 10);

		if (id > newest)
			newest = id;
	}
	closedir(d);
	return newest;
}

static const char *
partition_path(char path[128], const char *file)
{
	snprintf(path, 128, "partition/%llu/%s", newest_partition(), file);
	return path;
}

static const char *
are_there(struct guest *g)
{
	(void)g;
	if (access(BASE, R_OK) < 0)
		return "skip debugfs is not mounted";
	EXPECT(counter("stats", "HvLogicalProcessors") > 0,
	    "no processor is counted");
	return NULL;
}

static const char *
count_processors(struct guest *g)
{
	(void)g;
	EXPECT_EQ(counter("stats", "HvLogicalProcessors"),
	    sysconf(_SC_NPROCESSORS_CONF));
	EXPECT(counter("lp/0/stats", "LpGlobalTime") >= 0, "no LP 0");
	return NULL;
}

static const char *
count_partitions(struct guest *g)
{
	long long before = counter("stats", "HvPartitions"), with;
	struct guest other;

	(void)g;
	EXPECT(before >= 1, "%lld partitions", before);
	if (guest_make(&other, GUEST_VP) < 0)
		return "no second guest";
	with = counter("stats", "HvPartitions");
	guest_remove(&other);
	EXPECT_EQ(with, before + 1);
	EXPECT_EQ(counter("stats", "HvPartitions"), before);
	return NULL;
}

static const char *
name_the_partition(struct guest *g)
{
	char path[128];

	(void)g;
	partition_path(path, "stats");
	EXPECT_EQ(counter(path, "PtPartitionId"), newest_partition());
	EXPECT_EQ(counter(path, "PtVirtualProcessors"), 1);
	EXPECT(counter(path, "PtDepositedPages") > 0, "nothing is deposited");
	return NULL;
}

static const char *
count_guest_pages(struct guest *g)
{
	char path[128];

	EXPECT_OK(GUEST_LOAD(g, out8));
	EXPECT_OK(guest_run(g));
	EXPECT(counter(partition_path(path, "stats"), "PtGpaPages") > 0,
	    "it has no page");
	return NULL;
}

static const char *
count_exits(struct guest *g)
{
	char path[128];
	long long before;

	partition_path(path, "vp/0/stats");
	EXPECT_OK(GUEST_LOAD(g, out8));
	EXPECT_OK(guest_run(g));
	before = counter(path, "VpIoInstructionsCount");
	for (int i = 0; i < 100; i++)
		EXPECT_OK(guest_run(g));
	EXPECT_EQ(counter(path, "VpIoInstructionsCount"), before + 100);
	EXPECT(counter(path, "VpTotalRunTime") > 0, "it never ran");
	EXPECT_OK(GUEST_LOAD(g, cpuid));
	before = counter(path, "VpCpuidInstructionsCount");
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(counter(path, "VpCpuidInstructionsCount"), before + 1);
	return NULL;
}

/* Linux waits for as long as this is not 0. */
static const char *
leave_one_alone(struct guest *g)
{
	char path[128];

	partition_path(path, "vp/0/stats");
	EXPECT_OK(GUEST_LOAD(g, out8));
	EXPECT_OK(guest_run(g));
	EXPECT_EQ(counter(path, "VpRootDispatchThreadBlocked"), 0);
	return NULL;
}

static const struct abi_case statistics_cases[] = {
	{ "are-there", GUEST_DEVICE, are_there },
	{ "count-processors", GUEST_DEVICE, count_processors },
	{ "count-partitions", GUEST_DEVICE, count_partitions },
	{ "name-the-partition", GUEST_VP, name_the_partition },
	{ "count-guest-pages", GUEST_VP, count_guest_pages },
	{ "count-exits", GUEST_VP, count_exits },
	{ "leave-one-alone", GUEST_VP, leave_one_alone },
};
ABI_GROUP(statistics);
