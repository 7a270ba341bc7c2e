/* SPDX-License-Identifier: Apache-2.0 */
/* Writing help out of the tables of commands and options. */
#include "cli/help.h"

static const char *const arity_text[] = {
	[ARITY_NONE] = "",
	[ARITY_TOPIC] = " [COMMAND]",
	[ARITY_ONE] = " NAME",
	[ARITY_MANY] = " NAME...",
	[ARITY_COPY] = " FILE NAME:PATH",
	[ARITY_FILE] = " FILE",
	[ARITY_DISK] = " NAME FILE",
	[ARITY_LUN] = " NAME LUN",
	[ARITY_NETWORK] = " NAME BRIDGE",
	[ARITY_CONNECT] = " NAME PORT",
	[ARITY_PORT] = " NAME PORT",
	[ARITY_KEYS] = " NAME KEYS...",
};

void
help_overview(FILE *out)
{
	fputs("Usage: mullion COMMAND [NAME...] [OPTION...]\n"
	      "Create, watch and end the child partitions of this machine.\n"
	      "\n", out);
	for (size_t i = 0; i < command_count; i++) {
		char left[32];

		snprintf(left, sizeof(left), "%s%s", command_table[i].name,
		    arity_text[command_table[i].arity]);
		fprintf(out, "  %-21s %s\n", left, command_table[i].summary);
	}
	fputs("\n"
	      "mullion help COMMAND tells more, man mullion all. Exit codes: "
	      "0 done, 1 failed,\n2 wrong usage, 3 no such partition, "
	      "4 not in that state, 5 exists already,\n"
	      "6 took too long, 7 not permitted.\n", out);
}

static void
help_option(FILE *out, const struct option_spec *o)
{
	char left[48];

	snprintf(left, sizeof(left), "--%s%s%s", o->name,
	    o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
	if (o->letter != 0)
		fprintf(out, "  -%c, %-22s %s\n", o->letter, left, o->summary);
	else
		fprintf(out, "      %-22s %s\n", left, o->summary);
}

void
help_command(FILE *out, const struct command *c)
{
	fprintf(out, "Usage: mullion %s%s [OPTION...]\n%s: %s\n", c->name,
	    arity_text[c->arity], c->name, c->summary);
	fputs(c->detail, out);
	fputs("\n", out);
	for (int id = 0; id < OPTIONS; id++)
		if (((c->options | OPTIONS_GLOBAL) & OPTION_BIT(id)) != 0)
			help_option(out, &option_table[id]);
}

static void
help_group(FILE *out, const char *group)
{
	const char *between = "";

	for (size_t i = 0; i < command_count; i++) {
		if (!command_in_group(&command_table[i], group))
			continue;
		fputs(between, out);
		help_command(out, &command_table[i]);
		between = "\n";
	}
}

int
cmd_help(const struct invocation *inv, const char *name, struct err *e)
{
	const struct command *c;

	(void)inv;
	if (name == NULL) {
		help_overview(stdout);
		return 0;
	}
	if (command_is_group(name)) {
		help_group(stdout, name);
		return 0;
	}
	c = command_find(name);
	if (c == NULL)
		return err_set(e, ERR_USAGE,
		    "there is no command \"%.40s\"; mullion help lists those "
		    "there are", name);
	help_command(stdout, c);
	return 0;
}
