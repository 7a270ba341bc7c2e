/* SPDX-License-Identifier: Apache-2.0 */
/* Running qemu-img. */
#include "manager/qcow2.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROGRAM "/usr/bin/qemu-img"

static int
program_run(char *const argv[], struct err *e)
{
	int status = 0, ret;
	pid_t pid;

	ret = posix_spawn(&pid, argv[0], NULL, NULL, argv, environ);
	if (ret == ENOENT)
		return err_set(e, ret, "there is no %s: install Debian's "
		    "package qemu-utils", argv[0]);
	if (ret != 0)
		return err_set(e, ret, "%s: %s", argv[0], strerror(ret));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "%s: %s", argv[0],
			    strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_SUCCESS)
		return err_set(e, EIO, "%s has failed", argv[0]);
	return 0;
}

int
qcow2_create(const char *file, uint64_t size, struct err *e)
{
	char path[PATH_MAX + 2], bytes[24];
	char *const argv[] = { (char []){ PROGRAM }, (char []){ "create" },
		(char []){ "-q" }, (char []){ "-f" }, (char []){ "qcow2" },
		path, bytes, NULL };

	/* Else a word before a colon would be taken for a protocol. */
	snprintf(path, sizeof(path), "%s%s", file[0] == '/' ? "" : "./",
	    file);
	snprintf(bytes, sizeof(bytes), "%llu", (unsigned long long)size);
	return program_run(argv, e);
}
