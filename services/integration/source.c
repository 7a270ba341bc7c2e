/* SPDX-License-Identifier: Apache-2.0 */
/* Reading from descriptors of regular files: those never keep us waiting. */
#include "integration/source.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int
file_size(int fd, uint64_t *out, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_set(e, errno, "the file: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "only files can be copied");
	*out = (uint64_t)st.st_size;
	return 0;
}

static int
file_read(int fd, uint64_t offset, uint8_t *out, uint32_t size, struct err *e)
{
	while (size > 0) {
		ssize_t n = pread(fd, out, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, errno, "the file: %s",
			    strerror(errno));
		if (n == 0)
			return err_set(e, EIO,
			    "the file became shorter meanwhile");
		out += n;
		offset += (uint64_t)n;
		size -= (uint32_t)n;
	}
	return 0;
}

static void
file_close(int fd)
{
	close(fd);
}

const struct desk_source source_files = { file_size, file_read, file_close };
