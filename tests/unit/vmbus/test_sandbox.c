/* SPDX-License-Identifier: Apache-2.0 */
/* What is left to a process behind the filter of system calls. */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vmbus/sandbox.h"

/* A sanitizer calls this before functions that do not return. */
static const int altstack = SYS_sigaltstack;
static const struct sandbox_calls none = { &altstack, 1, NULL, 0 };

/* How a process ends that has the filter, and then does @act. */
static int
status_of(void (*act)(void))
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		struct err e;

		signal(SIGABRT, SIG_DFL);
		if (sandbox_filter(&none, &e) == 0)
			act();
		_exit(EXIT_FAILURE);
	}
	cr_assert_eq(waitpid(pid, &status, 0), pid);
	return status;
}

static pid_t test;

static void
signal_others(void)
{
	_exit(syscall(SYS_tgkill, test, test, 0) < 0 && errno == EPERM ?
	    EXIT_SUCCESS : EXIT_FAILURE);
}

static void
signal_itself(void)
{
	_exit(pthread_kill(pthread_self(), 0));
}

Test(sandbox, signals_go_to_nobody_else)
{
	int status;

	test = getpid();
	status = status_of(signal_others);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
}

Test(sandbox, threads_can_be_signalled)
{
	int status = status_of(signal_itself);

	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SUCCESS);
}

Test(sandbox, abort_ends_the_process_as_ever)
{
	int status = status_of(abort);

	cr_expect(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}
