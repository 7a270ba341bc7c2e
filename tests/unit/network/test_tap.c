/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of ioctl() to a process that has given up its rights. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "network/tap.h"
#include "vmbus/sandbox.h"

static int
error_of(int fd, unsigned long request)
{
	return ioctl(fd, request, 0) < 0 ? errno : 0;
}

/* In a process of its own; says in the exit status what went wrong. */
static int
try_in_sandbox(void)
{
	/* The sanitizer's end of a process takes one call more. */
	static const int calls[] = { SCMP_SYS(sigaltstack) };
	const struct sandbox_calls more = { calls, 1, tap_ioctls,
		tap_ioctl_count };
	int fd = open("/dev/null", O_RDWR);
	struct err e;

	if (sandbox_no_capabilities(&e) < 0 || sandbox_filter(&more, &e) < 0)
		return 1;
	if (error_of(fd, TUNSETPERSIST) != EPERM ||
	    error_of(fd, TUNSETOWNER) != EPERM ||
	    error_of(fd, TUNATTACHFILTER) != EPERM)
		return 2;
	return error_of(fd, TUNSETOFFLOAD) == ENOTTY ? 0 : 3;
}

Test(tap, no_device_is_left_behind_or_made_anothers)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(try_in_sandbox());
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	cr_expect(WIFEXITED(status));
	cr_expect_eq(WEXITSTATUS(status), 0, "%d", WEXITSTATUS(status));
}
