/* SPDX-License-Identifier: Apache-2.0 */
/* The command edit: nothing that was typed is ever lost. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/editor.h"
#include "cli/session.h"
#include "manager/file.h"

struct edit {
	char file[SITE_PATH_MAX]; /* the partition's own */
	char copy[SITE_PATH_MAX]; /* that is edited */
	char before[CONFIG_TEXT_MAX];
	size_t before_len;
	char after[CONFIG_TEXT_MAX];
	size_t after_len;
	struct config config; /* what @after says */
};

static int
edit_check(struct edit *edit, struct err *e)
{
	if (file_read(edit->copy, edit->after, sizeof(edit->after),
		&edit->after_len, e) < 0)
		return -1;
	if (config_parse((const uint8_t *)edit->after, edit->after_len,
		&edit->config, e) < 0)
		return -1;
	return config_check_files(&edit->config, e);
}

/* Only a person can answer; a script gets "no". */
static bool
ask_again(const struct err *why)
{
	char answer[16];

	fprintf(stderr, "mullion: %s\n", why->text);
	if (isatty(STDIN_FILENO) != 1)
		return false;
	fputs("Edit it again? [Y/n] ", stderr);
	if (fgets(answer, sizeof(answer), stdin) == NULL)
		return false;
	return answer[0] != 'n' && answer[0] != 'N';
}

/* Let the user edit until it is right, or until he gives up. */
static int
edit_loop(struct edit *edit, struct err *e)
{
	for (;;) {
		if (editor_run(edit->copy, e) < 0)
			return -1;
		if (edit_check(edit, e) == 0)
			return 0;
		if (!ask_again(e))
			return err_set(e, EINVAL, "not changed");
	}
}

static bool
edit_is_unchanged(const struct edit *edit)
{
	return edit->after_len == edit->before_len &&
	    memcmp(edit->after, edit->before, edit->before_len) == 0;
}

/* Somebody else may have been faster. */
static int
check_original(const struct edit *edit, struct err *e)
{
	char now[CONFIG_TEXT_MAX];
	size_t len;

	if (file_read(edit->file, now, sizeof(now), &len, e) < 0)
		return -1;
	if (len != edit->before_len || memcmp(now, edit->before, len) != 0)
		return err_set(e, EBUSY,
		    "%s was changed by somebody else meanwhile", edit->file);
	return 0;
}

/* The copy stays where it is, if anything was written into it. */
static int
keep_copy(struct edit *edit, struct err *e)
{
	struct err why = *e, unused;

	if (file_read(edit->copy, edit->after, sizeof(edit->after),
		&edit->after_len, &unused) == 0 && edit_is_unchanged(edit)) {
		unlink(edit->copy);
		return -1;
	}
	return err_set(e, why.code, "%.300s; what you wrote is in %.150s",
	    why.text, edit->copy);
}

static int
edit_save(struct session *s, struct edit *edit, const char *name,
    struct err *e)
{
	if (edit_loop(edit, e) < 0)
		return keep_copy(edit, e);
	if (edit_is_unchanged(edit)) {
		unlink(edit->copy);
		printf("%s: not changed\n", name);
		return 0;
	}
	if (check_original(edit, e) < 0 ||
	    partition_redefine(s->site, s->systemd, name, edit->after,
		edit->after_len, &edit->config, e) < 0)
		return keep_copy(edit, e);
	unlink(edit->copy);
	if (session_need_ended(s, e) < 0)
		printf("%s: changed; in effect when it is started anew\n",
		    name);
	else
		printf("%s: changed\n", name);
	return 0;
}

int
cmd_edit(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s;
	struct edit edit = { 0 };

	if (session_begin(&s, inv, name, e) < 0)
		return -1;
	site_config(s.site, name, edit.file);
	if (file_read(edit.file, edit.before, sizeof(edit.before),
		&edit.before_len, e) < 0)
		return -1;
	if (editor_copy(name, edit.before, edit.before_len, edit.copy, e) < 0)
		return -1;
	return edit_save(&s, &edit, name, e);
}
