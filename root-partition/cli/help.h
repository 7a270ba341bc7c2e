/* SPDX-License-Identifier: Apache-2.0 */
/* What `mullion help` says; made from the tables of commands and options. */
#ifndef MULLION_CLI_HELP_H
#define MULLION_CLI_HELP_H

#include <stdio.h>

#include "cli/commands.h"

void help_overview(FILE *out);
void help_command(FILE *out, const struct command *c);

#endif
