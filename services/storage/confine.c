/* SPDX-License-Identifier: Apache-2.0 */
/* One right, one image, no network: what a daemon of an image is left with. */
#include "storage/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "vmbus/sandbox.h"

/* The version of Landlock that can forbid to cut files, and its bit. */
#define LANDLOCK_ABI_TRUNCATE 3
#define ACCESS_TRUNCATE (UINT64_C(1) << 14)

#define ACCESS_READ \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | \
	LANDLOCK_ACCESS_FS_EXECUTE)
#define ACCESS_ALL \
	(ACCESS_READ | ACCESS_TRUNCATE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | \
	LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK | \
	LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | \
	LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER)

/* What libraries and headers may not know yet. */
#define CALL_FCHMODAT2 452
#define CALL_SETXATTRAT 463
#define CALL_REMOVEXATTRAT 466
#define CALL_FILE_SETATTR 469

#define IMAGE_FD 3
#define RIGHT (UINT32_C(1) << CAP_DAC_OVERRIDE)

static bool
landlock_is_there(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION) >= LANDLOCK_ABI_TRUNCATE;
}

/* While it is in the bounding set, which is about to be empty. */
static int
inherit_right(struct err *e)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2];

	if (syscall(SYS_capget, &head, data) < 0)
		return err_set(e, errno, "capabilities: %s", strerror(errno));
	data[0].inheritable = RIGHT;
	data[1].inheritable = 0;
	if (syscall(SYS_capset, &head, data) < 0 ||
	    prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_set(e, errno, "capabilities: %s", strerror(errno));
	return 0;
}

/* Ambient: a program that is started has it, without any mark on its file. */
static int
keep_right(struct err *e)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {
		{ .effective = RIGHT, .permitted = RIGHT,
		    .inheritable = RIGHT },
	};

	if (syscall(SYS_capset, &head, data) < 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0,
	    0) < 0)
		return err_set(e, errno, "capabilities: %s", strerror(errno));
	return 0;
}

int
confine_user(uid_t uid, struct err *e)
{
	bool keep = geteuid() == 0 && landlock_is_there();

	if (keep && inherit_right(e) < 0)
		return -1;
	if (geteuid() == 0 && sandbox_become(uid, uid, e) < 0)
		return -1;
	if (keep && keep_right(e) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return err_set(e, errno, "prctl: %s", strerror(errno));
	return 0;
}

static int
rule_add(int rules, int fd, uint64_t access)
{
	struct landlock_path_beneath_attr below = { .allowed_access = access,
		.parent_fd = fd };

	return (int)syscall(SYS_landlock_add_rule, rules,
	    LANDLOCK_RULE_PATH_BENEATH, &below, 0);
}

static int
path_add(int rules, const char *path, uint64_t access)
{
	AUTO_CLOSE int fd = open(path, O_PATH | O_CLOEXEC);

	/* What is not there needs no rule. */
	return fd < 0 ? 0 : rule_add(rules, fd, access);
}

static int
keep_to_image(bool readonly, struct err *e)
{
	AUTO_CLOSE int rules = -1;
	uint64_t image = LANDLOCK_ACCESS_FS_READ_FILE;

	if (!landlock_is_there())
		return 0;
	if (!readonly)
		image |= LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE;
	rules = sandbox_ruleset(ACCESS_ALL,
	    SANDBOX_SCOPE_SOCKETS | SANDBOX_SCOPE_SIGNALS);
	if (rules < 0 || path_add(rules, "/usr", ACCESS_READ) < 0 ||
	    path_add(rules, "/etc/ld.so.cache",
		LANDLOCK_ACCESS_FS_READ_FILE) < 0 ||
	    rule_add(rules, IMAGE_FD, image) < 0 ||
	    syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		return err_set(e, errno, "Landlock: %s", strerror(errno));
	return 0;
}

/*
 * Not a list of what it may do: which calls a library makes changes with its
 * version. What it must not do is reach beyond itself.
 */
static const int refused[] = {
	/* Other processes. */
	SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv),
	SCMP_SYS(process_vm_writev), SCMP_SYS(kcmp), SCMP_SYS(pidfd_open),
	SCMP_SYS(pidfd_getfd), SCMP_SYS(pidfd_send_signal), SCMP_SYS(kill),
	SCMP_SYS(tkill), SCMP_SYS(rt_sigqueueinfo),
	SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(setpriority),
	SCMP_SYS(ioprio_set), SCMP_SYS(migrate_pages), SCMP_SYS(move_pages),
	SCMP_SYS(shmget), SCMP_SYS(shmat), SCMP_SYS(shmctl),
	SCMP_SYS(msgget), SCMP_SYS(msgsnd), SCMP_SYS(msgrcv),
	SCMP_SYS(msgctl), SCMP_SYS(semget), SCMP_SYS(semop),
	SCMP_SYS(semtimedop), SCMP_SYS(semctl), SCMP_SYS(mq_open),
	SCMP_SYS(mq_unlink),
	/* The network, and much of the kernel. */
	SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect),
	SCMP_SYS(bind), SCMP_SYS(io_uring_setup), SCMP_SYS(bpf),
	SCMP_SYS(perf_event_open), SCMP_SYS(userfaultfd), SCMP_SYS(keyctl),
	SCMP_SYS(add_key), SCMP_SYS(request_key), SCMP_SYS(unshare),
	SCMP_SYS(setns), SCMP_SYS(mount), SCMP_SYS(umount2),
	SCMP_SYS(open_tree), SCMP_SYS(move_mount), SCMP_SYS(fsopen),
	SCMP_SYS(fsmount), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
	/* Files by their names, that Landlock does not see. */
	SCMP_SYS(link), SCMP_SYS(linkat), SCMP_SYS(setxattr),
	SCMP_SYS(lsetxattr), SCMP_SYS(fsetxattr), SCMP_SYS(removexattr),
	SCMP_SYS(lremovexattr), SCMP_SYS(fremovexattr),
	CALL_SETXATTRAT, CALL_REMOVEXATTRAT, CALL_FILE_SETATTR,
	SCMP_SYS(chmod), SCMP_SYS(fchmodat), CALL_FCHMODAT2,
	SCMP_SYS(chown), SCMP_SYS(lchown), SCMP_SYS(fchownat),
	SCMP_SYS(utime), SCMP_SYS(utimes), SCMP_SYS(utimensat),
	SCMP_SYS(futimesat), SCMP_SYS(inotify_add_watch),
	SCMP_SYS(fanotify_init), SCMP_SYS(name_to_handle_at),
	SCMP_SYS(open_by_handle_at),
};

/* By whom they name first: 0 is who calls. */
static const int own_only[] = {
	SCMP_SYS(prlimit64), SCMP_SYS(sched_setaffinity),
	SCMP_SYS(sched_setscheduler), SCMP_SYS(sched_setparam),
	SCMP_SYS(sched_setattr),
};

static int
refuse_unless(scmp_filter_ctx ctx, int call, pid_t first)
{
	struct scmp_arg_cmp other = { .arg = 0, .op = SCMP_CMP_NE,
		.datum_a = (scmp_datum_t)first };

	return seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(EPERM), call, 1,
	    &other);
}

/* Threads are made by clone(), whose arguments can be looked at. */
static int
refuse_users(scmp_filter_ctx ctx)
{
	struct scmp_arg_cmp users = { .arg = 0, .op = SCMP_CMP_MASKED_EQ,
		.datum_a = CLONE_NEWUSER, .datum_b = CLONE_NEWUSER };
	int ret = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS),
	    SCMP_SYS(clone3), 0);

	if (ret == 0)
		ret = seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(EPERM),
		    SCMP_SYS(clone), 1, &users);
	return ret;
}

static int
filter_fill(scmp_filter_ctx ctx)
{
	int ret = refuse_users(ctx);

	/* The program that follows has our number, and may abort(). */
	if (ret == 0)
		ret = refuse_unless(ctx, SCMP_SYS(tgkill), getpid());
	for (size_t i = 0; ret == 0 &&
	    i < sizeof(own_only) / sizeof(own_only[0]); i++)
		ret = refuse_unless(ctx, own_only[i], 0);
	for (size_t i = 0; ret == 0 &&
	    i < sizeof(refused) / sizeof(refused[0]); i++)
		ret = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), refused[i],
		    0);
	return ret;
}

static int
filter(struct err *e)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int ret = ctx != NULL ? filter_fill(ctx) : -ENOMEM;

	if (ret == 0)
		ret = seccomp_load(ctx);
	seccomp_release(ctx);
	if (ret != 0)
		return err_set(e, -ret, "system call filter: %s",
		    strerror(-ret));
	return 0;
}

void
confine_run(char *const argv[], int fd_last, bool readonly, struct err *e)
{
	char *const environment[] = { NULL };
	sigset_t blocked;

	sigemptyset(&blocked);
	sigaddset(&blocked, SIGTERM);
	if (syscall(SYS_close_range, fd_last + 1, ~0U, CLOSE_RANGE_CLOEXEC) <
	    0 || sigprocmask(SIG_SETMASK, &blocked, NULL) < 0) {
		err_set(e, errno, "%s", strerror(errno));
		return;
	}
	if (keep_to_image(readonly, e) < 0 || filter(e) < 0)
		return;
	execve(argv[0], argv, environment);
	err_set(e, errno, "%s: %s%s", argv[0], strerror(errno),
	    errno == ENOENT ? ": install Debian's qemu-utils" : "");
}
