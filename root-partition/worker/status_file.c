/* SPDX-License-Identifier: Apache-2.0 */
/* Replacing status.json through a descriptor of its folder. */
#include "worker/status_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "worker/report.h"

#define NAME "status.json"
#define NAME_NEW "status.json.new"

int
status_file_open(struct status_file *f, const char *dir, struct err *e)
{
	memset(f, 0, sizeof(*f));
	f->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (f->dir_fd < 0)
		return err_set(e, errno, "%s: %s", dir, strerror(errno));
	f->status.pid = (uint64_t)getpid();
	f->status.started = (uint64_t)time(NULL);
	status_file_set(f, STATUS_STARTING, "");
	return 0;
}

void
status_file_set(struct status_file *f, enum status_state state,
    const char *reason)
{
	static char text[REPORT_SIZE_MAX];
	struct status *s = &f->status;
	size_t len;
	int fd;

	s->state = state;
	snprintf(s->reason, sizeof(s->reason), "%s", reason);
	if (state == STATUS_STOPPED || state == STATUS_FAILED)
		s->ended = (uint64_t)time(NULL);
	len = report_status(s, text);
	fd = openat(f->dir_fd, NAME_NEW,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return;
	/* Anyone may read it, whatever our mask is for the sockets. */
	fchmod(fd, 0644);
	/* A half-written file does not take the place of the old one. */
	if (write(fd, text, len) == (ssize_t)len)
		renameat(f->dir_fd, NAME_NEW, f->dir_fd, NAME);
	close(fd);
}
