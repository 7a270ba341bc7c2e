/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that are left to a worker whose child runs. */
#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>

#include "worker/mshv_abi.h"
#include "worker/sandbox.h"

static const int allowed[] = {
	/* Sockets, files that are open, and status.json. */
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(close),
	SCMP_SYS(ftruncate), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(openat), SCMP_SYS(fchmod), SCMP_SYS(renameat),
	SCMP_SYS(accept4), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait),
	SCMP_SYS(epoll_pwait), SCMP_SYS(timerfd_settime),
	/* The bells of a channel that the guest opens. */
	SCMP_SYS(eventfd2),
	/* Memory for JSON. */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	/* Threads, signals and time. */
	SCMP_SYS(futex), SCMP_SYS(tgkill), SCMP_SYS(getpid),
	SCMP_SYS(gettid), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(restart_syscall), SCMP_SYS(sched_yield),
	SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getrandom), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

/* Memory may be asked for, but none that code could be run from. */
static int
allow_data_memory(scmp_filter_ctx ctx)
{
	struct scmp_arg_cmp data = { .arg = 2, .op = SCMP_CMP_MASKED_EQ,
		.datum_a = PROT_EXEC, .datum_b = 0 };
	int ret = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(mmap),
	    1, &data);

	if (ret != 0)
		return ret;
	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW,
	    SCMP_SYS(mprotect), 1, &data);
}

static int
allow_ioctl(scmp_filter_ctx ctx, unsigned long request)
{
	struct scmp_arg_cmp is = { .arg = 1, .op = SCMP_CMP_EQ,
		.datum_a = request };

	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl),
	    1, &is);
}

static int
filter_fill(scmp_filter_ctx ctx)
{
	/* Running, calling, and the bells of a channel that is opened. */
	static const unsigned long requests[] = {
		MSHV_RUN_VP, MSHV_ROOT_HVCALL, MSHV_IOEVENTFD, MSHV_IRQFD,
		MSHV_SET_MSI_ROUTING,
	};
	int ret = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);

	/* The most frequent call first. */
	if (ret == 0)
		ret = seccomp_syscall_priority(ctx, SCMP_SYS(ioctl), 255);
	for (size_t i = 0;
	    ret == 0 && i < sizeof(requests) / sizeof(requests[0]); i++)
		ret = allow_ioctl(ctx, requests[i]);
	if (ret == 0)
		ret = allow_data_memory(ctx);
	for (size_t i = 0;
	    ret == 0 && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	return ret;
}

int
sandbox_filter_calls(struct err *e)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int ret;

	if (ctx == NULL)
		return err_set(e, ENOMEM, "system call filter: no memory");
	ret = filter_fill(ctx);
	if (ret == 0)
		ret = seccomp_load(ctx);
	seccomp_release(ctx);
	if (ret != 0)
		return err_set(e, -ret, "system call filter: %s",
		    strerror(-ret));
	return 0;
}
