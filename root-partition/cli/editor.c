/* SPDX-License-Identifier: Apache-2.0 */
/* Making the copy, running the editor on it. */
#include "cli/editor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "manager/file.h"

#define SUFFIX ".conf"
/* Of the shell: it found no such program. */
#define EXIT_NOT_FOUND 127

int
editor_copy(const char *name, const char *text, size_t len,
    char path[SITE_PATH_MAX], struct err *e)
{
	const char *folder = getenv("TMPDIR");
	AUTO_CLOSE int fd = -1;

	if (folder == NULL || folder[0] != '/')
		folder = "/tmp";
	snprintf(path, SITE_PATH_MAX, "%s/mullion-%s-XXXXXX" SUFFIX, folder, name);
	fd = mkostemps(path, (int)strlen(SUFFIX), 0);
	if (fd < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	if (fd_write(fd, text, len, path, e) < 0) {
		unlink(path);
		return -1;
	}
	return 0;
}

static const char *
editor_command(void)
{
	static const char *const variables[] = { "VISUAL", "EDITOR" };

	for (size_t i = 0; i < 2; i++) {
		const char *value = getenv(variables[i]);

		if (value != NULL && value[0] != '\0')
			return value;
	}
	return "editor";
}

int
editor_run(const char *path, struct err *e)
{
	const char *editor = editor_command();
	char command[SITE_PATH_MAX];
	int status;
	pid_t pid;

	/* The variable may hold arguments, too: the shell takes it apart. */
	if (snprintf(command, sizeof(command), "%s \"$1\"", editor) >=
	    (int)sizeof(command))
		return err_set(e, EINVAL, "$EDITOR is too long");
	pid = fork();
	if (pid < 0)
		return err_set(e, errno, "fork: %s", strerror(errno));
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c", command, "sh", path,
		    (char *)NULL);
		_exit(EXIT_NOT_FOUND);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, errno, "waiting for the editor: %s",
			    strerror(errno));
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND)
		return err_set(e, EIO,
		    "no editor \"%s\": set EDITOR to one that is there",
		    editor);
	return err_set(e, EIO, "the editor \"%s\" failed", editor);
}
