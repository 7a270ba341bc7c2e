/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker gives up, and what it keeps beyond what others keep. */
#include "worker/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <unistd.h>

#include "vmbus/sandbox.h"
#include "worker/mshv_abi.h"

static const int calls[] = {
	/* The log, and status.json. */
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(ftruncate),
	SCMP_SYS(openat), SCMP_SYS(fchmod), SCMP_SYS(renameat),
	/* Bells and journal of a channel that is opened; figures. */
	SCMP_SYS(eventfd2), SCMP_SYS(socketpair), SCMP_SYS(memfd_create),
	/* Memory that the guest gives up. */
	SCMP_SYS(fallocate),
};

/* Memory that is added, and the bells of channels. */
static const unsigned long ioctls[] = {
	MSHV_RUN_VP, MSHV_ROOT_HVCALL, MSHV_SET_GUEST_MEMORY,
	MSHV_IOEVENTFD, MSHV_IRQFD, MSHV_SET_MSI_ROUTING,
};

/* Only root can give files away, and become another user. */
static int
become(uid_t user, int run_dir_fd, int log_fd, struct err *e)
{
	gid_t group = user;

	if (fchown(run_dir_fd, user, group) < 0 ||
	    fchown(log_fd, user, group) < 0)
		return err_set(e, errno, "files of user %u: %s",
		    (unsigned)user, strerror(errno));
	return sandbox_become(user, group, e);
}

int
sandbox_drop_privileges(uid_t user, int run_dir_fd, int log_fd,
    struct err *e)
{
	if (geteuid() == 0 && become(user, run_dir_fd, log_fd, e) < 0)
		return -1;
	if (sandbox_no_capabilities(e) < 0)
		return -1;
	return sandbox_no_files(run_dir_fd, e);
}

int
sandbox_filter_calls(struct err *e)
{
	struct sandbox_calls more = {
		.calls = calls,
		.call_count = sizeof(calls) / sizeof(calls[0]),
		.ioctls = ioctls,
		.ioctl_count = sizeof(ioctls) / sizeof(ioctls[0]),
	};

	return sandbox_filter(&more, e);
}
