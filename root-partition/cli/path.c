/* SPDX-License-Identifier: Apache-2.0 */
/* Files that the command line names. */
#include "cli/path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "manager/cleanup.h"

char *
path_absolute(const char *text, struct err *e)
{
	bool whole = text[0] == '/' || text[0] == '\0';
	AUTO_FREE char *folder = whole ? strdup("") : getcwd(NULL, 0);
	const char *separator = "/";
	char *path;

	if (folder == NULL) {
		err_set(e, errno, "the current folder: %s", strerror(errno));
		return NULL;
	}
	if (whole || strcmp(folder, "/") == 0)
		separator = "";
	if (asprintf(&path, "%s%s%s", folder, separator, text) < 0) {
		err_set(e, ENOMEM, "%s", strerror(ENOMEM));
		return NULL;
	}
	return path;
}
