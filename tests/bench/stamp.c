/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stamp LABEL COMMAND...: runs a command and prints each line of its output
 * behind "LABEL [SECONDS] ", the time since its start. Under QEMU's -icount
 * that clock counts instructions of the machine: a second is 10^9.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
line_put(const char *label, double at, const char *line, size_t length)
{
	printf("%s [%.6f] %.*s\n", label, at, (int)length, line);
	fflush(stdout);
}

static void
lines_copy(int fd, const char *label, double start)
{
	static char line[LINE_MAX_BYTES];
	size_t length = 0;
	double at = 0;
	char c;

	while (read(fd, &c, 1) == 1) {
		if (length == 0)
			at = now() - start;
		if (c == '\n' || length == sizeof(line)) {
			line_put(label, at, line, length);
			length = 0;
		} else if (c != '\r') {
			line[length++] = c;
		}
	}
	if (length > 0)
		line_put(label, at, line, length);
}

int
main(int argc, char **argv)
{
	int ends[2], status;
	double start;
	pid_t child;

	if (argc < 3 || pipe2(ends, O_CLOEXEC) < 0)
		return 2;
	start = now();
	child = fork();
	if (child == 0) {
		dup2(ends[1], 1);
		dup2(ends[1], 2);
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	close(ends[1]);
	lines_copy(ends[0], argv[1], start);
	if (child < 0 || waitpid(child, &status, 0) < 0)
		return 2;
	printf("%s END status=%d seconds=%.6f\n", argv[1],
	    WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
	    now() - start);
	return 0;
}
