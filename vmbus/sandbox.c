/* SPDX-License-Identifier: Apache-2.0 */
/* What a process that serves a guest gives up. */
#include "vmbus/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "manager/cleanup.h"

#define FILE_ACCESS_ALL \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | \
	LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | \
	LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
	LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
	LANDLOCK_ACCESS_FS_MAKE_SYM)

/* What replacing a file takes. */
#define FILE_ACCESS_REPLACE \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	LANDLOCK_ACCESS_FS_REMOVE_FILE)

/* What newer kernels take beside files; headers may not know it yet. */
struct ruleset {
	uint64_t files;
	uint64_t network;
	uint64_t scoped;
};

static const int allowed[] = {
	/* What is open, sockets among it. */
	SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev),
	SCMP_SYS(close), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(fcntl), SCMP_SYS(lseek),
	SCMP_SYS(accept4), SCMP_SYS(recvfrom), SCMP_SYS(sendto),
	SCMP_SYS(recvmsg), SCMP_SYS(sendmsg), SCMP_SYS(shutdown),
	/* The event loop. */
	SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2), SCMP_SYS(poll), SCMP_SYS(ppoll),
	SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
	SCMP_SYS(timerfd_gettime),
	/* Memory. */
	SCMP_SYS(brk), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
	/* Threads, signals and time. */
	SCMP_SYS(futex), SCMP_SYS(getpid), SCMP_SYS(gettid),
	SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigaction), SCMP_SYS(restart_syscall),
	SCMP_SYS(sched_yield), SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep), SCMP_SYS(gettimeofday), SCMP_SYS(time),
	SCMP_SYS(getrandom), SCMP_SYS(exit), SCMP_SYS(exit_group),
};

int
sandbox_become(uid_t uid, gid_t gid, struct err *e)
{
	for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		continue;
	if (setgroups(0, NULL) < 0 || setresgid(gid, gid, gid) < 0 ||
	    setresuid(uid, uid, uid) < 0)
		return err_set(e, errno, "becoming user %u: %s",
		    (unsigned)uid, strerror(errno));
	return 0;
}

/* Who is not root has nothing that a root would be kept from. */
int
sandbox_root(const char *dir, struct err *e)
{
	if (chdir(dir) < 0 || (geteuid() == 0 && chroot(".") < 0))
		return err_set(e, errno, "%s: %s", dir, strerror(errno));
	return 0;
}

int
sandbox_no_capabilities(struct err *e)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { { .effective = 0 } };

	if (syscall(SYS_capset, &head, none) < 0)
		return err_set(e, errno, "capabilities: %s", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(e, errno, "prctl: %s", strerror(errno));
	return 0;
}

int
sandbox_ruleset(uint64_t files, uint64_t scoped)
{
	struct ruleset all = { .files = files, .scoped = scoped };
	long rules = syscall(SYS_landlock_create_ruleset, &all, sizeof(all),
	    0);

	if (rules < 0 && (errno == E2BIG || errno == EINVAL))
		rules = syscall(SYS_landlock_create_ruleset, &all,
		    sizeof(all.files), 0);
	return (int)rules;
}

/* A kernel without Landlock leaves us with what the user may see. */
int
sandbox_no_files(int dir_fd, struct err *e)
{
	struct landlock_path_beneath_attr below = {
		.allowed_access = FILE_ACCESS_REPLACE,
		.parent_fd = dir_fd,
	};
	AUTO_CLOSE int rules = sandbox_ruleset(FILE_ACCESS_ALL,
	    SANDBOX_SCOPE_SOCKETS);

	if (rules < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
		return 0;
	if (rules < 0 || (dir_fd >= 0 &&
	    syscall(SYS_landlock_add_rule, rules,
		LANDLOCK_RULE_PATH_BENEATH, &below, 0) < 0) ||
	    syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		return err_set(e, errno, "Landlock: %s", strerror(errno));
	return 0;
}

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

/* As pthread_kill() and abort() do: others may be of the same user. */
static int
allow_own_signals(scmp_filter_ctx ctx)
{
	struct scmp_arg_cmp own = { .arg = 0, .op = SCMP_CMP_EQ,
		.datum_a = (scmp_datum_t)getpid() };

	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill),
	    1, &own);
}

/* Sockets reach no further than this machine. */
static int
allow_call(scmp_filter_ctx ctx, int call)
{
	struct scmp_arg_cmp is_unix = { .arg = 0, .op = SCMP_CMP_EQ,
		.datum_a = AF_UNIX };

	return seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW, call,
	    call == SCMP_SYS(socket) ? 1 : 0, &is_unix);
}

static int
allow_calls(scmp_filter_ctx ctx, const int *calls, size_t count)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < count; i++)
		ret = allow_call(ctx, calls[i]);
	return ret;
}

static int
allow_ioctls(scmp_filter_ctx ctx, const unsigned long *requests, size_t count)
{
	int ret = 0;

	/* Whoever has some lives on them: ahead of all others. */
	if (count > 0)
		ret = seccomp_syscall_priority(ctx, SCMP_SYS(ioctl), 255);
	for (size_t i = 0; ret == 0 && i < count; i++) {
		struct scmp_arg_cmp is = { .arg = 1, .op = SCMP_CMP_EQ,
			.datum_a = requests[i] };

		ret = seccomp_rule_add_array(ctx, SCMP_ACT_ALLOW,
		    SCMP_SYS(ioctl), 1, &is);
	}
	return ret;
}

int
sandbox_filter(const struct sandbox_calls *more, struct err *e)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int ret;

	if (ctx == NULL)
		return err_set(e, ENOMEM, "system call filter: no memory");
	ret = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1);
	if (ret == 0)
		ret = allow_ioctls(ctx, more->ioctls, more->ioctl_count);
	if (ret == 0)
		ret = allow_data_memory(ctx);
	if (ret == 0)
		ret = allow_own_signals(ctx);
	if (ret == 0)
		ret = allow_calls(ctx, allowed,
		    sizeof(allowed) / sizeof(allowed[0]));
	if (ret == 0)
		ret = allow_calls(ctx, more->calls, more->call_count);
	if (ret == 0)
		ret = seccomp_load(ctx);
	seccomp_release(ctx);
	if (ret != 0)
		return err_set(e, -ret, "system call filter: %s",
		    strerror(-ret));
	return 0;
}
