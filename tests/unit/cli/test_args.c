/* SPDX-License-Identifier: Apache-2.0 */
/* What command lines mean, and what is said of those that mean nothing. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "cli/args.h"

#define WORDS_MAX 80

/* Split @line at its spaces, as a shell would a simple one. */
static int
parse(const char *line, struct invocation *inv, struct err *e)
{
	static char words[1024];
	const char *argv[WORDS_MAX] = { "mullion" };
	int argc = 1;

	strcpy(words, line);
	for (char *w = strtok(words, " "); w != NULL; w = strtok(NULL, " "))
		argv[argc++] = w;
	return args_parse(argc, argv, inv, e);
}

static void
expect_usage(const char *line, const char *part)
{
	struct invocation inv;
	struct err e = { 0 };

	cr_expect_eq(parse(line, &inv, &e), -1, "accepted: %s", line);
	cr_expect_eq(e.code, ERR_USAGE);
	cr_expect_not_null(strstr(e.text, part),
	    "\"%s\" does not contain \"%s\"", e.text, part);
}

Test(args, nothing_means_help)
{
	struct invocation inv;
	struct err e = { 0 };

	cr_assert_eq(parse("", &inv, &e), 0);
	cr_expect_str_eq(inv.command->name, "help");
	cr_expect_str_eq(inv.site.root, "");
}

Test(args, options_and_names_mix)
{
	struct invocation inv;
	struct err e = { 0 };

	cr_assert_eq(parse("create --cpus 2 demo --memory=1G -k /k -b "
			   "--cmdline a=b", &inv, &e), 0, "%s", e.text);
	cr_expect_str_eq(inv.command->name, "create");
	cr_assert_eq(inv.count, 1);
	cr_expect_str_eq(inv.names[0], "demo");
	cr_expect_str_eq(inv.value[OPTION_CPUS], "2");
	cr_expect_str_eq(inv.value[OPTION_MEMORY], "1G");
	cr_expect_str_eq(inv.value[OPTION_KERNEL], "/k");
	cr_expect_str_eq(inv.value[OPTION_CMDLINE], "a=b");
	cr_expect_not_null(inv.value[OPTION_START_AT_BOOT]);
	cr_expect_null(inv.value[OPTION_INITRD]);
}

Test(args, same_letter_differs_between_commands)
{
	struct invocation inv;
	struct err e = { 0 };

	cr_assert_eq(parse("start -a demo", &inv, &e), 0);
	cr_expect_not_null(inv.value[OPTION_ATTACH]);
	cr_assert_eq(parse("create demo -a quiet", &inv, &e), 0);
	cr_expect_str_eq(inv.value[OPTION_CMDLINE], "quiet");
	cr_assert_eq(parse("delete -f demo", &inv, &e), 0);
	cr_expect_not_null(inv.value[OPTION_FORCE]);
	cr_assert_eq(parse("log -f demo", &inv, &e), 0);
	cr_expect_not_null(inv.value[OPTION_FOLLOW]);
}

Test(args, many_names_for_those_that_take_them)
{
	struct invocation inv;
	struct err e = { 0 };

	cr_assert_eq(parse("start a b c", &inv, &e), 0);
	cr_expect_eq(inv.count, 3);
	expect_usage("info a b", "one word too many, \"b\"");
	expect_usage("list a", "one word too many");
	expect_usage("help a b", "one word too many");
}

Test(args, more_names_than_fit_are_refused)
{
	char line[512] = "start";

	for (int i = 0; i <= NAMES_MAX; i++)
		strcat(line, " a");
	expect_usage(line, "more than 64 names");
}

Test(args, missing_name_is_told)
{
	expect_usage("start", "needs the name of a partition");
	expect_usage("console", "needs the name of a partition");
}

Test(args, unknown_words_are_told)
{
	expect_usage("strat demo", "no command \"strat\"");
	expect_usage("start --json demo", "start has no option --json");
	expect_usage("list -x", "list has no option -x");
	expect_usage("--cpus 2 create", "no option --cpus before");
	expect_usage("list -jj", "list has no option -jj");
	expect_usage("list --jso", "list has no option --jso");
	expect_usage("create demo -", "one word too many");
}

Test(args, wrong_use_of_values_is_told)
{
	expect_usage("create demo --cpus", "--cpus needs a value: N");
	expect_usage("list --json=yes", "--json takes no value");
	expect_usage("create d --cpus 1 --cpus=2", "--cpus was given twice");
}

Test(args, disks_keep_their_order)
{
	struct invocation inv;
	struct err e = { 0 };

	cr_assert_eq(parse("create demo --disk /a -d /b,readonly=yes "
			   "--disk=/c", &inv, &e), 0, "%s", e.text);
	cr_assert_eq(inv.repeated_count, 3);
	cr_expect_eq(inv.repeated[0].id, OPTION_DISK);
	cr_expect_str_eq(inv.repeated[0].value, "/a");
	cr_expect_str_eq(inv.repeated[1].value, "/b,readonly=yes");
	cr_expect_str_eq(inv.repeated[2].value, "/c");
}

Test(args, more_disks_than_fit_are_refused)
{
	char line[512] = "create demo";

	for (int i = 0; i <= REPEATED_MAX; i++)
		strcat(line, " -d /a");
	expect_usage(line, "--disk was given too often");
}

Test(args, help_option_excuses_missing_names)
{
	struct invocation inv;
	struct err e = { 0 };

	cr_assert_eq(parse("start --help", &inv, &e), 0, "%s", e.text);
	cr_expect_not_null(inv.value[OPTION_HELP]);
	cr_assert_eq(parse("-h", &inv, &e), 0);
	cr_assert_eq(parse("--version", &inv, &e), 0);
	cr_expect_str_eq(inv.command->name, "version");
}

Test(args, two_dashes_end_the_options)
{
	struct invocation inv;
	struct err e = { 0 };

	cr_assert_eq(parse("start -- --json -x", &inv, &e), 0, "%s", e.text);
	cr_assert_eq(inv.count, 2);
	cr_expect_str_eq(inv.names[0], "--json");
	cr_expect_str_eq(inv.names[1], "-x");
}

Test(args, root_is_taken_before_and_after_the_command)
{
	struct invocation inv;
	struct err e = { 0 };

	cr_assert_eq(parse("--root /x list", &inv, &e), 0, "%s", e.text);
	cr_expect_str_eq(inv.site.root, "/x");
	cr_assert_eq(parse("list --root /y", &inv, &e), 0, "%s", e.text);
	cr_expect_str_eq(inv.site.root, "/y");
}

Test(args, numbers_keep_to_their_range)
{
	static const char *const wrong[] = { "0", "11", "x", "1x", "-1", "",
		"99999999999" };
	struct invocation inv = { 0 };
	struct err e = { 0 };
	unsigned n = 5;

	cr_expect_eq(args_number(&inv, OPTION_LINES, 1, 10, &n, &e), 0);
	cr_expect_eq(n, 5);
	inv.value[OPTION_LINES] = "10";
	cr_expect_eq(args_number(&inv, OPTION_LINES, 1, 10, &n, &e), 0);
	cr_expect_eq(n, 10);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		inv.value[OPTION_LINES] = wrong[i];
		cr_expect_eq(args_number(&inv, OPTION_LINES, 1, 10, &n, &e),
		    -1, "%s", wrong[i]);
		cr_expect_eq(n, 10);
	}
}

Test(args, errors_have_the_documented_exit_codes)
{
	static const struct {
		int error, code;
	} cases[] = {
		{ EIO, 1 },
		{ ERR_USAGE, 2 },
		{ ERR_NO_PARTITION, 3 },
		{ ERR_STATE, 4 },
		{ ERR_EXISTS, 5 },
		{ ERR_TIMEOUT, 6 },
		{ EACCES, 7 },
		{ EPERM, 7 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err e = { .code = cases[i].error };

		cr_expect_eq((int)exit_code_of(&e), cases[i].code);
	}
}
