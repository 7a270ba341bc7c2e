/* SPDX-License-Identifier: Apache-2.0 */
/* The first process of a measured Linux guest: one line, and power off. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>
#include <x86intrin.h>

static void
console_open(void)
{
	int fd;

	mkdir("/dev", 0755);
	mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
	fd = open("/dev/console", O_RDWR);
	for (int i = 0; i < 3 && fd >= 0; i++)
		dup2(fd, i);
}

int
main(void)
{
	uint64_t tsc = __rdtsc();
	struct timespec up;
	struct sysinfo info;

	clock_gettime(CLOCK_MONOTONIC, &up);
	if (getpid() != 1) {
		fputs("this is the first process of a guest\n", stderr);
		return 2;
	}
	console_open();
	sysinfo(&info);
	printf("bench-init tsc=%llu uptime_us=%lld cpus=%ld memory_kib=%llu\n",
	    (unsigned long long)tsc,
	    (long long)up.tv_sec * 1000000 + up.tv_nsec / 1000,
	    sysconf(_SC_NPROCESSORS_ONLN),
	    (unsigned long long)info.totalram * info.mem_unit / 1024);
	fflush(stdout);
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}
