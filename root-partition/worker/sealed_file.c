/* SPDX-License-Identifier: Apache-2.0 */
/* A memfd that nobody can make longer or shorter under our feet. */
#include "worker/sealed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "manager/cleanup.h"

int
sealed_file_create(const char *name, uint64_t bytes, struct err *e)
{
	AUTO_CLOSE int fd = memfd_create(name, MFD_CLOEXEC |
	    MFD_ALLOW_SEALING);

	if (fd < 0 || ftruncate(fd, (off_t)bytes) < 0 ||
	    fcntl(fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) < 0)
		return err_set(e, errno, "%s: memory file: %s", name,
		    strerror(errno));
	return take_fd(&fd);
}
