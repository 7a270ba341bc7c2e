/* SPDX-License-Identifier: Apache-2.0 */
/* What is checked is what is changed: by descriptor, never by name. */
#include "process/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manager/cleanup.h"

int
folder_open(const char *run_dir, const char *name, mode_t mode, struct err *e)
{
	AUTO_CLOSE int run_fd = open(run_dir,
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (run_fd < 0 || (mkdirat(run_fd, name, mode) < 0 &&
	    errno != EEXIST))
		return err_set(e, errno, "%s: %s", run_dir, strerror(errno));
	fd = openat(run_fd, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "%s/%s: %s", run_dir, name,
		    strerror(errno));
	if (st.st_uid != geteuid())
		return err_set(e, EPERM, "%s/%s: not ours", run_dir, name);
	/* Whatever our mask is. */
	if (fchmod(fd, mode) < 0)
		return err_set(e, errno, "%s/%s: %s", run_dir, name,
		    strerror(errno));
	return take_fd(&fd);
}
