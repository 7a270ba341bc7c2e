/* SPDX-License-Identifier: Apache-2.0 */
/* The table of commands against help, man page and completion. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"

static char *help;
static size_t help_len;

static char *
file_text(const char *path)
{
	static char text[65536];
	FILE *f = fopen(path, "r");

	cr_assert_not_null(f, "%s", path);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	fclose(f);
	return text;
}

/* The man page without the backslashes before its dashes. */
static const char *
man_text(void)
{
	char *text = file_text(MAN_PAGE), *to = text;

	for (const char *from = text; *from != '\0'; from++)
		if (*from != '\\')
			*to++ = *from;
	*to = '\0';
	return text;
}

static void
free_help(void)
{
	free(help);
}

TestSuite(help, .fini = free_help);

Test(help, overview_has_every_command_and_its_line)
{
	FILE *out = open_memstream(&help, &help_len);

	help_overview(out);
	fclose(out);
	for (size_t i = 0; i < command_count; i++) {
		cr_expect_not_null(strstr(help, command_table[i].name));
		cr_expect_not_null(strstr(help, command_table[i].summary));
	}
}

Test(help, lines_fit_a_terminal)
{
	FILE *out = open_memstream(&help, &help_len);

	help_overview(out);
	for (size_t i = 0; i < command_count; i++)
		help_command(out, &command_table[i]);
	fclose(out);
	for (const char *l = strtok(help, "\n"); l; l = strtok(NULL, "\n"))
		cr_expect_leq(strlen(l), 79, "%s", l);
}

Test(help, command_has_its_options_and_no_others)
{
	FILE *out = open_memstream(&help, &help_len);

	help_command(out, command_find("log"));
	fclose(out);
	cr_expect_not_null(strstr(help, "Usage: mullion log NAME"));
	cr_expect_not_null(strstr(help, "-f, --follow"));
	cr_expect_not_null(strstr(help, "-n, --lines N"));
	cr_expect_not_null(strstr(help, "-h, --help"));
	cr_expect_null(strstr(help, "--json"));
}

Test(help, options_of_a_command_have_different_letters)
{
	for (size_t i = 0; i < command_count; i++) {
		unsigned all = command_table[i].options | OPTIONS_GLOBAL;
		bool seen[128] = { false };

		for (int id = 0; id < OPTIONS; id++) {
			char letter = option_table[id].letter;

			if ((all & OPTION_BIT(id)) == 0 || letter == 0)
				continue;
			cr_expect_not(seen[(int)letter], "%s: -%c",
			    command_table[i].name, letter);
			seen[(int)letter] = true;
		}
	}
}

/* A paragraph of its own, whose first words are @name. */
static bool
man_has(const char *man, const char *name)
{
	const char *quote = strchr(name, ' ') != NULL ? "\"" : "";
	char bold_italic[64], bold_roman[64];

	snprintf(bold_italic, sizeof(bold_italic), ".TP\n.BI %s%s%s ", quote,
	    name, quote);
	snprintf(bold_roman, sizeof(bold_roman), ".TP\n.BR %s%s%s ", quote,
	    name, quote);
	return strstr(man, bold_italic) != NULL ||
	    strstr(man, bold_roman) != NULL;
}

Test(help, man_page_has_every_command_and_option)
{
	const char *man = man_text();

	for (size_t i = 0; i < command_count; i++)
		cr_expect(man_has(man, command_table[i].name), "%s",
		    command_table[i].name);
	for (int id = 0; id < OPTIONS; id++) {
		char option[64];

		snprintf(option, sizeof(option), "--%s",
		    option_table[id].name);
		cr_expect_not_null(strstr(man, option), "%s", option);
	}
}

/* What _mullion_options of the completion says for @command. */
static void
completed_options(const char *command, char *out, size_t size)
{
	char line[1024];
	FILE *shell;
	size_t n;

	snprintf(line, sizeof(line), "bash -c '. %s; _mullion_options %s'",
	    COMPLETION, command);
	shell = popen(line, "r");
	cr_assert_not_null(shell);
	out[0] = ' ';
	n = 1 + fread(out + 1, 1, size - 2, shell);
	out[n] = '\0';
	for (char *p = out; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	cr_assert_eq(pclose(shell), 0);
}

Test(help, completion_has_exactly_the_options_of_each_command)
{
	for (size_t i = 0; i < command_count; i++) {
		char has[1024];

		completed_options(command_table[i].name, has, sizeof(has));
		for (int id = 0; id < OPTIONS; id++) {
			bool wanted = (command_table[i].options &
			    OPTION_BIT(id)) != 0;
			char word[64];

			snprintf(word, sizeof(word), " --%s ",
			    option_table[id].name);
			cr_expect_eq(strstr(has, word) != NULL, wanted,
			    "%s and%s", command_table[i].name, word);
		}
	}
}

Test(help, completion_has_every_command)
{
	const char *text = strstr(file_text(COMPLETION), "_commands=\"");

	cr_assert_not_null(text);
	for (size_t i = 0; i < command_count; i++) {
		char words[64], *second;

		/* Each word of two is in a list of its own. */
		snprintf(words, sizeof(words), "%s", command_table[i].name);
		second = strchr(words, ' ');
		if (second != NULL)
			*second++ = '\0';
		cr_expect_not_null(strstr(text, words), "%s", words);
		cr_expect(second == NULL || strstr(text, second) != NULL, "%s",
		    command_table[i].name);
	}
}
