/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first process of a guest whose devices are measured: it loads the
 * drivers that its initramfs has for its kernel, measures the disk, the
 * adapter, the socket and the raw channel it finds, prints a line for each
 * row, and powers off.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "devices.h"

#define PATTERN_MAX 256

static void
console_open(void)
{
	int fd;

	mkdir("/dev", 0755);
	mkdir("/sys", 0755);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	fd = open("/dev/console", O_RDWR);
	for (int i = 0; i < 3 && fd >= 0; i++)
		dup2(fd, i);
}

/* Drivers of the other host's devices find nothing, or refuse. */
static void
drivers_load(void)
{
	char pattern[PATTERN_MAX];
	struct utsname system;
	glob_t found;

	uname(&system);
	snprintf(pattern, sizeof(pattern), "/lib/modules/%s/*/*.ko",
	    system.release);
	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		int fd = open(found.gl_pathv[i], O_RDONLY | O_CLOEXEC);

		syscall(SYS_finit_module, fd, "", 0);
		close(fd);
	}
	globfree(&found);
}

void
row_print(const char *name, uint64_t count, uint64_t ticks)
{
	printf("bench %s n=%llu each=%llu\n", name,
	    (unsigned long long)count, (unsigned long long)(ticks / count));
}

int
main(void)
{
	if (getpid() != 1) {
		fputs("this is the first process of a guest\n", stderr);
		return 2;
	}
	console_open();
	drivers_load();
	disk_measure();
	network_measure();
	socket_measure();
	raw_measure();
	puts("bench-devices: done");
	fflush(stdout);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
