/* SPDX-License-Identifier: Apache-2.0 */
/* The program `mullion`: understand the command line, run the command. */
#include <stdio.h>

#include "cli/args.h"
#include "cli/help.h"

static void
complain(const struct err *e)
{
	const char *hint = "";

	if (exit_code_of(e) == EXIT_CODE_DENIED)
		hint = "; try it as root";
	fprintf(stderr, "mullion: %s%s\n", e->text, hint);
}

/* Run the command once for each name; the first failure is the exit code. */
static enum exit_code
run_for_each(const struct invocation *inv)
{
	enum exit_code code = EXIT_CODE_OK;

	for (size_t i = 0; i < inv->count; i++) {
		struct err e = { 0 };

		if (inv->command->run(inv, inv->names[i], &e) == 0)
			continue;
		complain(&e);
		if (code == EXIT_CODE_OK)
			code = exit_code_of(&e);
	}
	return code;
}

static enum exit_code
run(const struct invocation *inv)
{
	const char *name = NULL;
	struct err e = { 0 };

	if (inv->value[OPTION_HELP] != NULL) {
		if (inv->command->run == cmd_help)
			help_overview(stdout);
		else
			help_command(stdout, inv->command);
		return EXIT_CODE_OK;
	}
	if (inv->command->arity == ARITY_MANY)
		return run_for_each(inv);
	if (inv->count > 0 && inv->command->arity != ARITY_COPY)
		name = inv->names[0];
	if (inv->command->run(inv, name, &e) == 0)
		return EXIT_CODE_OK;
	complain(&e);
	return exit_code_of(&e);
}

int
main(int argc, char **argv)
{
	struct invocation inv;
	struct err e = { 0 };
	enum exit_code code;

	if (args_parse(argc, (const char *const *)argv, &inv, &e) < 0) {
		complain(&e);
		return (int)exit_code_of(&e);
	}
	code = run(&inv);
	if (fflush(stdout) != 0 && code == EXIT_CODE_OK) {
		perror("mullion: output");
		return EXIT_CODE_FAILED;
	}
	return (int)code;
}
