/* SPDX-License-Identifier: Apache-2.0 */
/* Understanding the command line. */
#ifndef MULLION_CLI_ARGS_H
#define MULLION_CLI_ARGS_H

#include "cli/commands.h"

/* What `mullion` ends with; the man page lists them, too. */
enum exit_code {
	EXIT_CODE_OK = 0,
	EXIT_CODE_FAILED = 1,
	EXIT_CODE_USAGE = 2,
	EXIT_CODE_NO_PARTITION = 3,
	EXIT_CODE_STATE = 4,
	EXIT_CODE_EXISTS = 5,
	EXIT_CODE_TIMEOUT = 6,
	EXIT_CODE_DENIED = 7,
};

/*
 * Read @argv, with the program's name at its front, into *@inv. ERR_USAGE,
 * with what is wrong and where to look, when it makes no sense. With --help
 * given, the rest is not complained about.
 */
int args_parse(int argc, const char *const *argv, struct invocation *inv,
    struct err *e);

/*
 * Put the value of option @id, from @low to @high, into *@number; leave that
 * when the option was not given. ERR_USAGE when it is no such number.
 */
int args_number(const struct invocation *inv, enum option_id id,
    unsigned low, unsigned high, unsigned *number, struct err *e);

/*
 * The same for word @word behind the command; from 0, and it must be there.
 * @shown_by is the command that tells what numbers there are.
 */
int args_word_number(const struct invocation *inv, size_t word, unsigned high,
    const char *shown_by, unsigned *number, struct err *e);

enum exit_code exit_code_of(const struct err *e);

#endif
