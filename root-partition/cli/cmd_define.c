/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that make and remove partitions. */
#include <stdio.h>
#include <string.h>

#include "cli/path.h"
#include "cli/session.h"
#include "manager/cleanup.h"

/* Which option of `create` sets which key of the file. */
static const enum option_id key_options[CONFIG_KEYS] = {
	[CONFIG_KEY_CPUS] = OPTION_CPUS,
	[CONFIG_KEY_MEMORY] = OPTION_MEMORY,
	[CONFIG_KEY_MEMORY_MIN] = OPTION_MEMORY_MIN,
	[CONFIG_KEY_MEMORY_MAX] = OPTION_MEMORY_MAX,
	[CONFIG_KEY_KERNEL] = OPTION_KERNEL,
	[CONFIG_KEY_INITRD] = OPTION_INITRD,
	[CONFIG_KEY_CMDLINE] = OPTION_CMDLINE,
	[CONFIG_KEY_CONSOLE] = OPTION_CONSOLE,
	[CONFIG_KEY_START_AT_BOOT] = OPTION_START_AT_BOOT,
	[CONFIG_KEY_INTEGRATION] = OPTION_INTEGRATION,
	[CONFIG_KEY_SOCKETS] = OPTION_SOCKETS,
	[CONFIG_KEY_KEYBOARD] = OPTION_KEYBOARD,
	[CONFIG_KEY_DISK] = OPTION_DISK,
	[CONFIG_KEY_NETWORK] = OPTION_NETWORK,
	[CONFIG_KEY_CHANNEL] = OPTION_CHANNEL,
};

static bool
names_file(enum config_key_id id, const char *value)
{
	return id == CONFIG_KEY_KERNEL || id == CONFIG_KEY_DISK ||
	    (id == CONFIG_KEY_INITRD && strcmp(value, "none") != 0);
}

/* The file of a partition is read in other folders than this one. */
static int
config_set_word(struct config *c, enum config_key_id id, const char *value,
    struct err *e)
{
	AUTO_FREE char *path = NULL;

	if (!names_file(id, value))
		return config_set(c, id, value, e);
	path = path_absolute(value, e);
	return path == NULL ? -1 : config_set(c, id, path, e);
}

/* What was given for keys that may be said several times. */
static int
config_add_repeated(const struct invocation *inv, enum config_key_id id,
    struct config *c, struct err *e)
{
	for (size_t i = 0; i < inv->repeated_count; i++)
		if (inv->repeated[i].id == key_options[id] &&
		    config_set_word(c, id, inv->repeated[i].value, e) < 0)
			return -1;
	return 0;
}

static int
config_set_given(const struct invocation *inv, enum config_key_id id,
    struct config *c, struct err *e)
{
	const char *value = inv->value[key_options[id]];

	if (value == NULL)
		return 0;
	if (config_key_repeats(id))
		return config_add_repeated(inv, id, c, e);
	if (id == CONFIG_KEY_START_AT_BOOT)
		value = "yes";
	return config_set_word(c, id, value, e);
}

/* ERR_USAGE: what is wrong came from the command line. */
static int
config_from_options(const struct invocation *inv, struct config *c,
    struct err *e)
{
	unsigned said = 0;

	config_default(c);
	for (int id = 0; id < CONFIG_KEYS; id++) {
		if (config_set_given(inv, (enum config_key_id)id, c, e) < 0) {
			e->code = ERR_USAGE;
			return -1;
		}
		if (inv->value[key_options[id]] != NULL)
			said |= 1U << id;
	}
	config_settle(c, said);
	if (config_check(c, e) < 0) {
		e->code = ERR_USAGE;
		return -1;
	}
	return 0;
}

int
cmd_create(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SYSTEMD struct systemd *systemd = NULL;
	char path[SITE_PATH_MAX];
	struct config c;

	if (name_check(name, e) < 0) {
		e->code = ERR_USAGE;
		return -1;
	}
	if (config_from_options(inv, &c, e) < 0 ||
	    config_check_files(&c, e) < 0)
		return -1;
	systemd = systemd_open(&inv->site, e);
	if (systemd == NULL ||
	    partition_define(&inv->site, systemd, name, &c, e) < 0)
		return -1;
	site_config(&inv->site, name, path);
	printf("%s: created as %s; mullion start %s starts it\n", name, path,
	    name);
	return 0;
}

int
cmd_delete(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s;

	if (session_begin(&s, inv, name, e) < 0)
		return -1;
	if (inv->value[OPTION_FORCE] != NULL) {
		if (session_kill(&s, e) < 0)
			return -1;
	} else if (session_need_ended(&s, e) < 0) {
		return -1;
	}
	if (partition_delete(s.site, s.systemd, name, e) < 0)
		return err_prefix(e, "%s", name);
	printf("%s: deleted\n", name);
	return 0;
}
