/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that show what guests write: console and log. */
#include <stdio.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/console.h"
#include "cli/log.h"
#include "cli/session.h"
#include "manager/cleanup.h"
#include "manager/control.h"

#define LINES_MAX 1000000

int
cmd_console(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s;
	AUTO_CLOSE int sock = -1;
	enum console_end end;

	if (session_begin(&s, inv, name, e) < 0)
		return -1;
	if (s.partition.state != PARTITION_PAUSED &&
	    session_need_running(&s, e) < 0)
		return err_prefix(e, "no console");
	if (s.partition.config_valid &&
	    s.partition.config.console == CONFIG_CONSOLE_NONE)
		return err_set(e, ERR_STATE,
		    "%s has no console: set console = serial with mullion "
		    "edit %s and start it anew", name, name);
	sock = console_connect(s.site, name, e);
	if (sock < 0)
		return err_prefix(e, "%s", name);
	fprintf(stderr, "Console of %s; Ctrl-] detaches.\n", name);
	if (console_run(sock, STDIN_FILENO, STDOUT_FILENO, &end, e) < 0)
		return -1;
	if (end == CONSOLE_CLOSED)
		fprintf(stderr, "\nThe console closed: %s has ended.\n", name);
	else
		fprintf(stderr, "\nDetached; %s goes on.\n", name);
	return 0;
}

int
cmd_log(const struct invocation *inv, const char *name, struct err *e)
{
	struct log_view view = {
		.out = STDOUT_FILENO,
		.follow = inv->value[OPTION_FOLLOW] != NULL,
		.tame = isatty(STDOUT_FILENO) == 1,
		.lines = LOG_ALL_LINES,
	};
	char path[SITE_PATH_MAX];

	if (args_number(inv, OPTION_LINES, 0, LINES_MAX, &view.lines, e) < 0)
		return -1;
	if (partition_check_defined(&inv->site, name, e) < 0)
		return -1;
	site_logs(&inv->site, name, "console.log", path);
	if (access(path, F_OK) < 0)
		return err_set(e, ERR_STATE,
		    "%s has no log: it was never started, or failed to", name);
	return log_show(path, &view, e);
}
