/* SPDX-License-Identifier: Apache-2.0 */
/* Parsing of commands, options and names; touches nothing but its arguments. */
#include "cli/args.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	int argc;
	const char *const *argv;
	int at;		 /* the next word */
	bool plain_only; /* after -- there are no options */
};

static bool
option_applies(const struct command *c, int id)
{
	unsigned allowed = OPTIONS_GLOBAL | (c != NULL ? c->options : 0);

	return (allowed & OPTION_BIT(id)) != 0;
}

/* OPTIONS when the command has no such option. */
static int
option_find(const struct command *c, const char *word, size_t len)
{
	for (int id = 0; id < OPTIONS; id++)
		if (option_applies(c, id) &&
		    strlen(option_table[id].name) == len &&
		    memcmp(option_table[id].name, word, len) == 0)
			return id;
	return OPTIONS;
}

static int
letter_find(const struct command *c, char letter)
{
	for (int id = 0; id < OPTIONS; id++)
		if (option_applies(c, id) && option_table[id].letter == letter)
			return id;
	return OPTIONS;
}

static int
unknown_option(const struct command *c, const char *word, struct err *e)
{
	if (c == NULL)
		return err_set(e, ERR_USAGE,
		    "there is no option %.40s before the command; try: "
		    "mullion help", word);
	return err_set(e, ERR_USAGE,
	    "%s has no option %.40s; try: mullion help %s", c->name, word,
	    c->name);
}

/* Take option @id, whose value is @value or else the next word. */
static int
option_take(struct reader *r, struct invocation *inv, int id,
    const char *value, struct err *e)
{
	const struct option_spec *o = &option_table[id];
	bool repeats = (OPTIONS_REPEATED & OPTION_BIT(id)) != 0;

	if (inv->value[id] != NULL && !repeats)
		return err_set(e, ERR_USAGE, "--%s was given twice", o->name);
	if (o->value == NULL) {
		if (value != NULL)
			return err_set(e, ERR_USAGE, "--%s takes no value",
			    o->name);
		inv->value[id] = "";
		return 0;
	}
	if (value == NULL) {
		if (r->at == r->argc)
			return err_set(e, ERR_USAGE, "--%s needs a value: %s",
			    o->name, o->value);
		value = r->argv[r->at++];
	}
	inv->value[id] = value;
	if (!repeats)
		return 0;
	if (inv->repeated_count == REPEATED_MAX)
		return err_set(e, ERR_USAGE, "--%s was given too often",
		    o->name);
	inv->repeated[inv->repeated_count++] =
	    (struct repeated){ (enum option_id)id, value };
	return 0;
}

static int
option_parse(struct reader *r, struct invocation *inv, const char *word,
    struct err *e)
{
	const char *equals = strchr(word, '=');
	size_t len;
	int id;

	if (word[1] != '-') {
		id = word[2] == '\0' ? letter_find(inv->command, word[1])
				     : OPTIONS;
		if (id == OPTIONS)
			return unknown_option(inv->command, word, e);
		return option_take(r, inv, id, NULL, e);
	}
	len = equals != NULL ? (size_t)(equals - word - 2) : strlen(word + 2);
	id = option_find(inv->command, word + 2, len);
	if (id == OPTIONS)
		return unknown_option(inv->command, word, e);
	return option_take(r, inv, id, equals != NULL ? equals + 1 : NULL, e);
}

/* The second word of a command whose first is @group. */
static int
group_take(struct reader *r, struct invocation *inv, const char *group,
    struct err *e)
{
	char name[96];

	if (r->at == r->argc || r->argv[r->at][0] == '-')
		return err_set(e, ERR_USAGE,
		    "%s needs one more word; try: mullion help %s", group,
		    group);
	snprintf(name, sizeof(name), "%.40s %.40s", group, r->argv[r->at++]);
	inv->command = command_find(name);
	if (inv->command == NULL)
		return err_set(e, ERR_USAGE,
		    "there is no command \"%s\"; try: mullion help %s", name,
		    group);
	return 0;
}

static int
command_take(struct reader *r, struct invocation *inv, const char *word,
    struct err *e)
{
	if (command_is_group(word))
		return group_take(r, inv, word, e);
	inv->command = command_find(word);
	if (inv->command == NULL)
		return err_set(e, ERR_USAGE,
		    "there is no command \"%.40s\"; mullion help lists those "
		    "there are", word);
	return 0;
}

static int
word_take(struct reader *r, struct invocation *inv, const char *word,
    struct err *e)
{
	if (inv->command == NULL)
		return command_take(r, inv, word, e);
	if (inv->count == NAMES_MAX)
		return err_set(e, ERR_USAGE, "more than %d names at once",
		    NAMES_MAX);
	inv->names[inv->count++] = word;
	return 0;
}

/* How many words follow, and what is missing if there are too few. */
static const struct {
	size_t least, most;
	const char *need;
} arities[] = {
	[ARITY_NONE] = { 0, 0, "" },
	[ARITY_TOPIC] = { 0, 1, "" },
	[ARITY_ONE] = { 1, 1, "the name of a partition" },
	[ARITY_MANY] = { 1, NAMES_MAX, "the name of a partition" },
	[ARITY_COPY] = { 2, 2, "a file and NAME:PATH" },
	[ARITY_FILE] = { 1, 1, "a file" },
	[ARITY_DISK] = { 2, 2, "the name of a partition and a file" },
	[ARITY_LUN] = { 2, 2,
	    "the name of a partition and the number of a disk" },
	[ARITY_NETWORK] = { 2, 2, "the name of a partition and a bridge" },
	[ARITY_PORT] = { 2, 2,
	    "the name of a partition and the number of an adapter" },
	[ARITY_CONNECT] = { 2, 2, "the name of a partition and a port" },
	[ARITY_KEYS] = { 2, NAMES_MAX,
	    "the name of a partition and keys" },
};

static int
names_check(const struct invocation *inv, struct err *e)
{
	const struct command *c = inv->command;
	size_t most = arities[c->arity].most;

	if (inv->count < arities[c->arity].least)
		return err_set(e, ERR_USAGE,
		    "%s needs %s; try: mullion help %s", c->name,
		    arities[c->arity].need, c->name);
	if (inv->count > most)
		return err_set(e, ERR_USAGE,
		    "%s: one word too many, \"%.40s\"; try: mullion help %s",
		    c->name, inv->names[most], c->name);
	return 0;
}

int
args_parse(int argc, const char *const *argv, struct invocation *inv,
    struct err *e)
{
	struct reader r = { .argc = argc, .argv = argv, .at = 1 };

	memset(inv, 0, sizeof(*inv));
	while (r.at < argc) {
		const char *word = argv[r.at++];
		int ret;

		if (!r.plain_only && strcmp(word, "--") == 0) {
			r.plain_only = true;
			continue;
		}
		/* What people and scripts try first. */
		if (inv->command == NULL && strcmp(word, "--version") == 0)
			word = "version";
		if (!r.plain_only && word[0] == '-' && word[1] != '\0')
			ret = option_parse(&r, inv, word, e);
		else
			ret = word_take(&r, inv, word, e);
		if (ret < 0)
			return -1;
	}
	inv->site.root = inv->value[OPTION_ROOT];
	if (inv->site.root == NULL)
		inv->site.root = "";
	if (strlen(inv->site.root) > SITE_PATH_MAX / 2)
		return err_set(e, ERR_USAGE, "--root is too long a path");
	if (inv->command == NULL)
		inv->command = command_find("help");
	if (inv->value[OPTION_HELP] != NULL)
		return 0;
	return names_check(inv, e);
}

/* False unless @text is a number from @low to @high, in digits. */
static bool
number_read(const char *text, unsigned low, unsigned high, unsigned *number)
{
	size_t digits = strspn(text, "0123456789");
	unsigned long n = strtoul(text, NULL, 10);

	if (digits == 0 || text[digits] != '\0' || digits > 9 || n < low ||
	    n > high)
		return false;
	*number = (unsigned)n;
	return true;
}

int
args_number(const struct invocation *inv, enum option_id id, unsigned low,
    unsigned high, unsigned *number, struct err *e)
{
	const char *text = inv->value[id];

	if (text == NULL || number_read(text, low, high, number))
		return 0;
	return err_set(e, ERR_USAGE,
	    "--%s: \"%.40s\" is not a number from %u to %u",
	    option_table[id].name, text, low, high);
}

int
args_word_number(const struct invocation *inv, size_t word, unsigned high,
    const char *shown_by, unsigned *number, struct err *e)
{
	const char *text = inv->names[word];

	if (number_read(text, 0, high, number))
		return 0;
	return err_set(e, ERR_USAGE,
	    "%s: \"%.40s\" is not a number from 0 to %u; mullion %s shows "
	    "them", inv->command->name, text, high, shown_by);
}

enum exit_code
exit_code_of(const struct err *e)
{
	switch (e->code) {
	case ERR_USAGE:
		return EXIT_CODE_USAGE;
	case ERR_NO_PARTITION:
		return EXIT_CODE_NO_PARTITION;
	case ERR_STATE:
		return EXIT_CODE_STATE;
	case ERR_EXISTS:
		return EXIT_CODE_EXISTS;
	case ERR_TIMEOUT:
		return EXIT_CODE_TIMEOUT;
	case EACCES:
	case EPERM:
		return EXIT_CODE_DENIED;
	default:
		return EXIT_CODE_FAILED;
	}
}
