/* SPDX-License-Identifier: Apache-2.0 */
/* Which partitions are defined: listing, defining, deleting. */
#include "manager/partition.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "manager/file.h"

#define SUFFIX ".conf"

void
names_free(struct names *n)
{
	free(n->name);
	n->name = NULL;
	n->count = 0;
}

/* The name that @file is the configuration of; false when it is of none. */
static bool
name_from_file(const char *file, char out[NAME_LETTERS_MAX + 1])
{
	size_t len = strlen(file), suffix = strlen(SUFFIX);
	struct err unused;

	if (len <= suffix || len - suffix > NAME_LETTERS_MAX ||
	    strcmp(file + len - suffix, SUFFIX) != 0)
		return false;
	memcpy(out, file, len - suffix);
	out[len - suffix] = '\0';
	return name_check(out, &unused) == 0;
}

static int
name_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int
names_add(struct names *n, const char *name, struct err *e)
{
	void *more = reallocarray(n->name, n->count + 1, sizeof(*n->name));

	if (more == NULL)
		return err_set(e, ENOMEM, "%s", strerror(ENOMEM));
	n->name = more;
	strcpy(n->name[n->count++], name);
	return 0;
}

int
partition_names(const struct site *site, struct names *out, struct err *e)
{
	char path[SITE_PATH_MAX], name[NAME_LETTERS_MAX + 1];
	const struct dirent *entry;
	int ret = 0;
	DIR *dir;

	out->count = 0;
	out->name = NULL;
	site_configs(site, path);
	dir = opendir(path);
	if (dir == NULL && errno == ENOENT)
		return 0;
	if (dir == NULL)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	while (ret == 0 && (entry = readdir(dir)) != NULL)
		if (name_from_file(entry->d_name, name))
			ret = names_add(out, name, e);
	closedir(dir);
	if (ret < 0)
		names_free(out);
	else if (out->count > 0)
		qsort(out->name, out->count, sizeof(*out->name), name_compare);
	return ret;
}

int
partition_check_defined(const struct site *site, const char *name,
    struct err *e)
{
	char path[SITE_PATH_MAX];

	if (name_check(name, e) < 0)
		return -1;
	site_config(site, name, path);
	if (access(path, F_OK) == 0)
		return 0;
	if (errno != ENOENT)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	return err_set(e, ERR_NO_PARTITION,
	    "no partition \"%s\": mullion list shows those there are, "
	    "mullion create %s makes it", name, name);
}

/* Make the folder of the configurations, and those above it below the root. */
static int
make_configs_folder(const struct site *site, struct err *e)
{
	char folder[SITE_PATH_MAX];
	size_t len, root = strlen(site->root);

	site_configs(site, folder);
	len = strlen(folder);
	for (size_t i = root + 1; i <= len; i++) {
		char c = folder[i];

		if (c != '/' && c != '\0')
			continue;
		folder[i] = '\0';
		if (mkdir(folder, 0755) < 0 && errno != EEXIST)
			return err_set(e, errno, "%s: %s", folder,
			    strerror(errno));
		folder[i] = c;
	}
	return 0;
}

int
partition_define(const struct site *site, struct systemd *s, const char *name,
    const struct config *c, struct err *e)
{
	char text[CONFIG_TEXT_MAX], path[SITE_PATH_MAX];
	size_t len = config_format(c, text);

	if (name_check(name, e) < 0)
		return -1;
	if (make_configs_folder(site, e) < 0)
		return -1;
	site_config(site, name, path);
	if (file_create(path, text, len, 0644, e) < 0) {
		if (e->code == EEXIST)
			err_set(e, ERR_EXISTS,
			    "there is a partition \"%s\" already: mullion "
			    "edit %s changes it, mullion delete %s removes it",
			    name, name, name);
		return -1;
	}
	if (unit_enable(s, name, c->start_at_boot, e) < 0) {
		unlink(path);
		return -1;
	}
	return 0;
}

int
partition_redefine(const struct site *site, struct systemd *s,
    const char *name, const char *text, size_t len, const struct config *c,
    struct err *e)
{
	char path[SITE_PATH_MAX];

	site_config(site, name, path);
	if (file_replace(path, text, len, e) < 0)
		return -1;
	return unit_enable(s, name, c->start_at_boot, e);
}

/*
 * Remove the files in @folder, and it. A link is no folder: whoever may write
 * above could have it lead anywhere.
 */
static int
remove_folder(const char *folder, struct err *e)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC), ret = 0;
	const struct dirent *entry;
	DIR *dir;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return 0;
	dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL)
		return err_set(e, errno, "%s: %s", folder, strerror(errno));
	while (ret == 0 && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(fd, entry->d_name, 0) < 0)
			ret = err_set(e, errno, "%s/%s: %s", folder,
			    entry->d_name, strerror(errno));
	}
	closedir(dir);
	if (ret == 0 && rmdir(folder) < 0)
		ret = err_set(e, errno, "%s: %s", folder, strerror(errno));
	return ret;
}

int
partition_delete(const struct site *site, struct systemd *s, const char *name,
    struct err *e)
{
	char path[SITE_PATH_MAX];

	if (partition_check_defined(site, name, e) < 0)
		return -1;
	if (unit_enable(s, name, false, e) < 0 ||
	    unit_forget_failure(s, name, e) < 0)
		return -1;
	/* The only folders in one of ours. */
	site_runtime(site, name, "sockets", path);
	if (remove_folder(path, e) < 0)
		return -1;
	site_runtime(site, name, "channels", path);
	if (remove_folder(path, e) < 0)
		return -1;
	site_runtime(site, name, "", path);
	if (remove_folder(path, e) < 0)
		return -1;
	site_logs(site, name, "", path);
	if (remove_folder(path, e) < 0)
		return -1;
	/* Last, so that a deletion that failed can be done again. */
	site_config(site, name, path);
	if (unlink(path) < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	return 0;
}
