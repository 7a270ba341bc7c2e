/* SPDX-License-Identifier: Apache-2.0 */
/* Conformance of /dev/mshv: runs the cases, a line each, and counts. */
#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"

static const struct abi_group *const groups[] = {
	&device_group, &partition_group, &memory_group, &vp_group,
	&exits_group, &registers_group, &pages_group, &state_group,
	&interrupts_group, &doorbells_group, &access_group, &properties_group,
	&intercepts_group, &direct_group, &translate_group, &calls_group,
	&statistics_group, &absence_group,
};
#define GROUP_COUNT (sizeof(groups) / sizeof(groups[0]))

static unsigned passed, failed, skipped;

const char *
reason(const char *format, ...)
{
	static char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return text;
}

static const char *
case_run(const struct abi_case *c)
{
	struct guest g;
	const char *why;

	if (guest_make(&g, c->level) < 0)
		why = reason("no guest for it: %s", strerrorname_np(errno));
	else
		why = c->run(&g);
	guest_remove(&g);
	return why;
}

static void
case_report(const char *group, const struct abi_case *c)
{
	const char *why = case_run(c);

	if (why == NULL) {
		printf("ok abi/%s/%s\n", group, c->name);
		passed++;
	} else if (strncmp(why, "skip", 4) == 0) {
		printf("skip abi/%s/%s%s\n", group, c->name, why + 4);
		skipped++;
	} else {
		printf("not ok abi/%s/%s %s\n", group, c->name, why);
		failed++;
	}
	fflush(stdout);
}

/* Is NAME or GROUP or GROUP/NAME among the arguments, or are there none? */
static int
case_is_wanted(const char *group, const char *name, char **wanted)
{
	char whole[128];

	if (*wanted == NULL)
		return 1;
	snprintf(whole, sizeof(whole), "%s/%s", group, name);
	for (; *wanted != NULL; wanted++) {
		if (strcmp(*wanted, group) == 0 || strcmp(*wanted, whole) == 0)
			return 1;
	}
	return 0;
}

static void
on_alarm(int number)
{
	(void)number;	/* it is there to interrupt a request */
}

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_alarm };

	(void)argc;
	sigaction(SIGALRM, &action, NULL);
	for (size_t i = 0; i < GROUP_COUNT; i++) {
		for (size_t k = 0; k < groups[i]->count; k++) {
			if (case_is_wanted(groups[i]->name,
			    groups[i]->cases[k].name, argv + 1))
				case_report(groups[i]->name,
				    &groups[i]->cases[k]);
		}
	}
	printf("abi: %u passed, %u failed, %u skipped\n", passed, failed,
	    skipped);
	return failed == 0 && passed > 0 ? 0 : 1;
}
