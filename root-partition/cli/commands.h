/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of mullion and their options, each described once. */
#ifndef MULLION_CLI_COMMANDS_H
#define MULLION_CLI_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "manager/err.h"
#include "manager/site.h"

#define NAMES_MAX 64
#define REPEATED_MAX 32

enum option_id {
	OPTION_CPUS,
	OPTION_MEMORY,
	OPTION_MEMORY_MIN,
	OPTION_MEMORY_MAX,
	OPTION_KERNEL,
	OPTION_INITRD,
	OPTION_CMDLINE,
	OPTION_CONSOLE,
	OPTION_START_AT_BOOT,
	OPTION_INTEGRATION,
	OPTION_SOCKETS,
	OPTION_KEYBOARD,
	OPTION_DISK,
	OPTION_NETWORK,
	OPTION_CHANNEL,
	OPTION_SIZE,
	OPTION_FROM,
	OPTION_FORMAT,
	OPTION_ATTACH,
	OPTION_TIMEOUT,
	OPTION_FORCE,
	OPTION_FOLLOW,
	OPTION_LINES,
	OPTION_OVERWRITE,
	OPTION_PARENTS,
	OPTION_SECONDS,
	OPTION_JSON,
	OPTION_LINK,
	OPTION_ROOT,
	OPTION_HELP,
	OPTIONS,
};

#define OPTION_BIT(id) (1U << (id))

/* Those that may be given several times. */
#define OPTIONS_REPEATED \
	(OPTION_BIT(OPTION_DISK) | OPTION_BIT(OPTION_NETWORK) | \
	    OPTION_BIT(OPTION_CHANNEL))

/* Every command has these. */
#define OPTIONS_GLOBAL (OPTION_BIT(OPTION_HELP) | OPTION_BIT(OPTION_ROOT))

struct option_spec {
	const char *name;    /* without the dashes */
	char letter;	     /* 0: only the long form */
	const char *value;   /* what its value is called; NULL: it has none */
	const char *summary; /* one line */
};

/* One of OPTIONS_REPEATED, as it was given. */
struct repeated {
	enum option_id id;
	const char *value;
};

/* How many partitions a command is about. */
enum arity {
	ARITY_NONE,
	ARITY_TOPIC, /* a command's name, or nothing */
	ARITY_ONE,
	ARITY_MANY, /* one or more; the command runs once for each */
	ARITY_COPY, /* a file and NAME:PATH, for which it runs once */
	ARITY_FILE, /* a file alone */
	ARITY_DISK, /* a partition and a new disk, as with --disk */
	ARITY_LUN,  /* a partition and the number of a disk */
	ARITY_NETWORK, /* a partition and a bridge, as with --network */
	ARITY_PORT, /* a partition and the number of an adapter */
	ARITY_CONNECT, /* a partition and a port of its guest */
	ARITY_KEYS, /* a partition and keys of its keyboard */
};

struct command;

/* A command line that was understood. The strings are argv's. */
struct invocation {
	const struct command *command;
	const char *value[OPTIONS]; /* NULL: not given; "" if it has none */
	struct repeated repeated[REPEATED_MAX]; /* in the given order */
	size_t repeated_count;
	const char *names[NAMES_MAX];
	size_t count;
	struct site site;
};

struct command {
	const char *name; /* a word, or two with a space between */
	enum arity arity;
	unsigned options; /* OPTION_BIT()s beside the global ones */
	const char *summary; /* one line */
	const char *detail;  /* lines for `help COMMAND`; may be "" */
	/* @name is NULL for commands that are not about a partition. */
	int (*run)(const struct invocation *inv, const char *name,
	    struct err *e);
};

extern const struct option_spec option_table[OPTIONS];
extern const struct command command_table[];
extern const size_t command_count;

/* NULL when there is none of that name. */
const struct command *command_find(const char *name);

/* Is @word the first of the two of @c, or (_is_group) of any command? */
bool command_in_group(const struct command *c, const char *word);
bool command_is_group(const char *word);

/* The functions behind the table. */
int cmd_list(const struct invocation *inv, const char *name, struct err *e);
int cmd_info(const struct invocation *inv, const char *name, struct err *e);
int cmd_stats(const struct invocation *inv, const char *name, struct err *e);
int cmd_version(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_help(const struct invocation *inv, const char *name, struct err *e);
int cmd_copy(const struct invocation *inv, const char *name, struct err *e);
int cmd_freeze(const struct invocation *inv, const char *name, struct err *e);
int cmd_thaw(const struct invocation *inv, const char *name, struct err *e);
int cmd_send_key(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_restart(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_create(const struct invocation *inv, const char *name, struct err *e);
int cmd_edit(const struct invocation *inv, const char *name, struct err *e);
int cmd_delete(const struct invocation *inv, const char *name, struct err *e);
int cmd_start(const struct invocation *inv, const char *name, struct err *e);
int cmd_stop(const struct invocation *inv, const char *name, struct err *e);
int cmd_kill(const struct invocation *inv, const char *name, struct err *e);
int cmd_pause(const struct invocation *inv, const char *name, struct err *e);
int cmd_resume(const struct invocation *inv, const char *name, struct err *e);
int cmd_connect(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_console(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_log(const struct invocation *inv, const char *name, struct err *e);
int cmd_set(const struct invocation *inv, const char *name, struct err *e);
int cmd_channel_list(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_disk_list(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_disk_attach(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_disk_detach(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_disk_resize(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_disk_seed(const struct invocation *inv, const char *file,
    struct err *e);
int cmd_disk_create(const struct invocation *inv, const char *file,
    struct err *e);
int cmd_network_list(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_network_attach(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_network_detach(const struct invocation *inv, const char *name,
    struct err *e);
int cmd_network_set(const struct invocation *inv, const char *name,
    struct err *e);

#endif
