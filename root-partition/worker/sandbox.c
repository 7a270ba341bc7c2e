/* SPDX-License-Identifier: Apache-2.0 */
/* Users, capabilities and files that a worker gives up. */
#include "worker/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
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

/* What replacing status.json takes. */
#define FILE_ACCESS_RUN_DIR \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | \
	LANDLOCK_ACCESS_FS_REMOVE_FILE)

/* A kernel without Landlock leaves us with what the user may see. */
static int
restrict_files(int run_dir_fd, struct err *e)
{
	struct landlock_ruleset_attr all = {
		.handled_access_fs = FILE_ACCESS_ALL,
	};
	struct landlock_path_beneath_attr below = {
		.allowed_access = FILE_ACCESS_RUN_DIR,
		.parent_fd = run_dir_fd,
	};
	AUTO_CLOSE int rules = (int)syscall(SYS_landlock_create_ruleset, &all,
	    sizeof(all), 0);

	if (rules < 0 && (errno == ENOSYS || errno == EOPNOTSUPP))
		return 0;
	if (rules < 0 ||
	    syscall(SYS_landlock_add_rule, rules,
		LANDLOCK_RULE_PATH_BENEATH, &below, 0) < 0 ||
	    syscall(SYS_landlock_restrict_self, rules, 0) < 0)
		return err_set(e, errno, "Landlock: %s", strerror(errno));
	return 0;
}

static int
drop_capabilities(struct err *e)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { { .effective = 0 } };

	if (syscall(SYS_capset, &head, none) < 0)
		return err_set(e, errno, "capabilities: %s", strerror(errno));
	return 0;
}

/* Only root has a bounding set to give up, and another user to become. */
static int
become(uid_t user, int run_dir_fd, int log_fd, struct err *e)
{
	gid_t group = user;

	if (fchown(run_dir_fd, user, group) < 0 ||
	    fchown(log_fd, user, group) < 0)
		return err_set(e, errno, "files of user %u: %s",
		    (unsigned)user, strerror(errno));
	for (int cap = 0; prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0; cap++)
		continue;
	if (setgroups(0, NULL) < 0 || setresgid(group, group, group) < 0 ||
	    setresuid(user, user, user) < 0)
		return err_set(e, errno, "becoming user %u: %s",
		    (unsigned)user, strerror(errno));
	return 0;
}

int
sandbox_drop_privileges(uid_t user, int run_dir_fd, int log_fd,
    struct err *e)
{
	if (geteuid() == 0 && become(user, run_dir_fd, log_fd, e) < 0)
		return -1;
	if (drop_capabilities(e) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return err_set(e, errno, "prctl: %s", strerror(errno));
	return restrict_files(run_dir_fd, e);
}
