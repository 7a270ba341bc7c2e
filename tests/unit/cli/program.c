/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the program that was built, in a root of its own. */
#include "program.h"

#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct test_root root;
struct fake_systemd fake;
struct fake_worker worker;
char output[PROGRAM_OUTPUT_MAX];

void
program_set_up(void)
{
	test_root_make(&root);
	memset(&fake, 0, sizeof(fake));
	memset(&worker, 0, sizeof(worker));
	fake.active = "inactive";
	fake.after_start = "active";
	fake.start_result = "done";
	fake_systemd_start(&fake, &root);
	setenv("TMPDIR", root.path, 1);
}

void
program_tear_down(void)
{
	fake_systemd_stop(&fake);
	test_root_remove(&root);
}

int
run(const char *format, ...)
{
	char words[512], line[1024];
	va_list ap;
	size_t n;
	FILE *f;
	int status;

	va_start(ap, format);
	vsnprintf(words, sizeof(words), format, ap);
	va_end(ap);
	snprintf(line, sizeof(line), "exec %s --root %s %s 2>&1 </dev/null",
	    PROGRAM, root.path, words);
	f = popen(line, "r");
	cr_assert_not_null(f);
	n = fread(output, 1, sizeof(output) - 1, f);
	output[n] = '\0';
	status = pclose(f);
	cr_assert(WIFEXITED(status), "%s", output);
	return WEXITSTATUS(status);
}

void
expect_output(const char *part)
{
	cr_expect_not_null(strstr(output, part),
	    "\"%s\" is not in \"%s\"", part, output);
}

int
truncate_in_root(const char *file)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", root.path, file);
	return truncate(path, 1 << 20);
}

void
demo_runs(const char *reply)
{
	test_root_write(&root, DEMO, GOOD);
	test_root_write(&root, "run/mullion/demo/status.json",
	    "{\"state\":\"running\"}");
	fake.active = "active";
	worker.reply = reply;
	fake_worker_start(&worker, &root, "demo");
}
