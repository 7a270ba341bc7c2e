/* SPDX-License-Identifier: Apache-2.0 */
/*
 * handover: what the disk loader cannot do in its script. Loads a kernel,
 * goes over to it, or ends the partition and says why. A static program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/io.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "disk-loader/failure.h"

static const char usage[] =
	"usage: handover load KERNEL INITRD COMMAND-LINE\n"
	"       handover go\n"
	"       handover fail no-disk|no-system|no-kernel|no-start\n"
	"An empty INITRD means none.\n";

static const struct {
	const char *word;
	enum disk_loader_failure failure;
} failures[] = {
	{ "no-disk", DISK_LOADER_NO_DISK },
	{ "no-system", DISK_LOADER_NO_SYSTEM },
	{ "no-kernel", DISK_LOADER_NO_KERNEL },
	{ "no-start", DISK_LOADER_NO_START },
};

static int
file_open(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return fd;
}

static const char *
load_error(int code)
{
	switch (code) {
	case ENOEXEC:
		return "this is not a Linux kernel (bzImage)";
	case ENOMEM:
	case EADDRNOTAVAIL:
		return "the partition has too little memory for it";
	default:
		return strerror(code);
	}
}

/* The descriptors are closed by the end of the program. */
static int
kernel_load(const char *kernel, const char *initrd, const char *cmdline)
{
	bool alone = initrd[0] == '\0';
	int kernel_fd = file_open(kernel);
	int initrd_fd = alone ? -1 : file_open(initrd);

	if (kernel_fd < 0 || (initrd_fd < 0 && !alone))
		return 1;
	if (syscall(SYS_kexec_file_load, kernel_fd, initrd_fd,
	    strlen(cmdline) + 1, cmdline,
	    alone ? KEXEC_FILE_NO_INITRAMFS : 0UL) == 0)
		return 0;
	fprintf(stderr, "%s: %s\n", kernel, load_error(errno));
	return 1;
}

static int
kernel_go(void)
{
	reboot(RB_KEXEC);
	fprintf(stderr, "the loaded kernel does not start: %s\n",
	    strerror(errno));
	return 1;
}

static int
partition_end(const char *word)
{
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (strcmp(word, failures[i].word) != 0)
			continue;
		if (ioperm(DISK_LOADER_PORT, 1, 1) == 0)
			outb((unsigned char)failures[i].failure,
			    DISK_LOADER_PORT);
		fprintf(stderr, "the partition goes on after its end\n");
		return 1;
	}
	fputs(usage, stderr);
	return 2;
}

int
main(int argc, char **argv)
{
	if (argc == 5 && strcmp(argv[1], "load") == 0)
		return kernel_load(argv[2], argv[3], argv[4]);
	if (argc == 2 && strcmp(argv[1], "go") == 0)
		return kernel_go();
	if (argc == 3 && strcmp(argv[1], "fail") == 0)
		return partition_end(argv[2]);
	fputs(usage, stderr);
	return 2;
}
