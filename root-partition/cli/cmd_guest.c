/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that a running guest carries out: restart, keys, copy and so on. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/session.h"
#include "manager/cleanup.h"
#include "manager/integration.h"
#include "manager/keyboard.h"

#define FREEZE_SECONDS 60
#define FREEZE_SECONDS_MAX 900
#define KEYS_TEXT_MAX 4096

/* A guest without the service is in no state to do it. */
static int
told(const struct session *s, struct err *e)
{
	if (e->code == ENOTCONN)
		e->code = ERR_STATE;
	return err_prefix(e, "%s", s->partition.name);
}

static int
running_begin(struct session *s, const struct invocation *inv,
    const char *name, struct err *e)
{
	if (session_begin(s, inv, name, e) < 0)
		return -1;
	return session_need_running(s, e);
}

int
cmd_restart(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s;

	if (running_begin(&s, inv, name, e) < 0)
		return -1;
	if (integration_restart(s.site, name, e) < 0)
		return told(&s, e);
	printf("%s: restarts\n", name);
	return 0;
}

int
cmd_freeze(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s = { 0 };
	unsigned seconds = FREEZE_SECONDS;

	if (args_number(inv, OPTION_SECONDS, 1, FREEZE_SECONDS_MAX, &seconds,
		e) < 0 ||
	    running_begin(&s, inv, name, e) < 0)
		return -1;
	if (integration_freeze(s.site, name, seconds, e) < 0)
		return told(&s, e);
	printf("%s: frozen\n", name);
	return 0;
}

int
cmd_thaw(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s;

	if (running_begin(&s, inv, name, e) < 0)
		return -1;
	if (integration_thaw(s.site, name, e) < 0)
		return told(&s, e);
	printf("%s: thawed\n", name);
	return 0;
}

int
cmd_send_key(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s = { 0 };
	char keys[KEYS_TEXT_MAX] = "";

	for (size_t i = 1; i < inv->count; i++) {
		size_t len = strlen(keys);

		if (len + strlen(inv->names[i]) + 2 > sizeof(keys))
			return err_set(e, ERR_USAGE, "too many keys at once");
		keys[len] = ' ';
		strcpy(keys + len + 1, inv->names[i]);
	}
	if (running_begin(&s, inv, name, e) < 0)
		return -1;
	if (s.partition.config_valid && !s.partition.config.keyboard)
		return err_set(e, ERR_STATE,
		    "%s has no keyboard: set keyboard = yes with mullion "
		    "edit %s and start it anew", name, name);
	if (keyboard_send(s.site, name, keys, e) == 0)
		return 0;
	if (e->code == EINVAL)
		e->code = ERR_USAGE;
	return told(&s, e);
}

/* NAME:PATH, of which NAME goes into @name; returns PATH. */
static const char *
target_split(const char *target, char name[NAME_LETTERS_MAX + 1],
    struct err *e)
{
	const char *colon = strchr(target, ':');

	if (colon == NULL || colon - target > NAME_LETTERS_MAX ||
	    colon[1] != '/') {
		err_set(e, ERR_USAGE,
		    "\"%.80s\" is not NAME:PATH with an absolute PATH",
		    target);
		return NULL;
	}
	memcpy(name, target, (size_t)(colon - target));
	name[colon - target] = '\0';
	return colon + 1;
}

int
cmd_copy(const struct invocation *inv, const char *unused, struct err *e)
{
	struct integration_copy copy = {
		.overwrite = inv->value[OPTION_OVERWRITE] != NULL,
		.make_path = inv->value[OPTION_PARENTS] != NULL,
	};
	AUTO_CLOSE int fd = -1;
	AUTO_SESSION struct session s = { 0 };
	char name[NAME_LETTERS_MAX + 1];

	(void)unused;
	copy.path = target_split(inv->names[1], name, e);
	if (copy.path == NULL)
		return -1;
	fd = open(inv->names[0], O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return err_set(e, errno, "%s: %s", inv->names[0],
		    strerror(errno));
	if (running_begin(&s, inv, name, e) < 0)
		return -1;
	copy.fd = fd;
	if (integration_copy_file(s.site, name, &copy, e) < 0)
		return told(&s, e);
	printf("%s: copied to %s\n", name, copy.path);
	return 0;
}
