/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about disks: list, attach, detach, resize, create. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/args.h"
#include "cli/path.h"
#include "cli/render.h"
#include "cli/session.h"
#include "manager/cleanup.h"
#include "manager/disk_record.h"
#include "manager/image_copy.h"
#include "manager/qcow2.h"
#include "manager/seed.h"
#include "manager/size.h"

/* A partition that has no process for disks had none when it was started. */
static int
told(const char *name, struct err *e)
{
	if (e->code != ENOTCONN)
		return err_prefix(e, "%s", name);
	return err_set(e, ERR_STATE,
	    "%s: was started without disks; mullion edit %s can give it some "
	    "for the next time", name, name);
}

int
cmd_disk_list(const struct invocation *inv, const char *name, struct err *e)
{
	static struct disk_state disks[DISKS_MAX];
	AUTO_SESSION struct session s = { 0 };
	unsigned count;

	if (session_begin_alive(&s, inv, name, e) < 0)
		return -1;
	if (disks_list(s.site, name, disks, &count, e) < 0)
		return told(name, e);
	if (inv->value[OPTION_JSON] != NULL)
		disks_render_json(stdout, disks, count);
	else
		disks_render(stdout, disks, count);
	return 0;
}

/* So that a process that is started again has the same disks. */
static int
record(const struct site *site, const char *name, unsigned lun,
    const struct config_disk *d, struct err *e)
{
	if (lun < DISKS_MAX && disk_record_change(site, name, lun, d, e) == 0)
		return 0;
	return err_prefix(e, "%s: it is done, but would not be if the process "
	    "of the disks were started again", name);
}

int
cmd_disk_attach(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s = { 0 };
	AUTO_FREE char *text = path_absolute(inv->names[1], e);
	AUTO_CLOSE int fd = -1;
	struct config_disk d;
	uint64_t lun = 0;

	if (text == NULL)
		return -1;
	if (config_disk_parse(text, &d, e) < 0) {
		e->code = ERR_USAGE;
		return -1;
	}
	if (session_begin_alive(&s, inv, name, e) < 0)
		return -1;
	fd = open(d.path, (d.readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC |
	    O_NONBLOCK);
	if (fd < 0)
		return err_set(e, errno, "%s: %s", d.path, strerror(errno));
	if (disks_attach(s.site, name, text, fd, &lun, e) < 0)
		return told(name, e);
	if (record(s.site, name, (unsigned)lun, &d, e) < 0)
		return -1;
	printf("%s: has %s as LUN %u\n", name, d.path, (unsigned)lun);
	return 0;
}

static int
lun_take(const struct invocation *inv, unsigned *lun, struct err *e)
{
	return args_word_number(inv, 1, DISKS_MAX - 1, "disk list", lun, e);
}

int
cmd_disk_detach(const struct invocation *inv, const char *name, struct err *e)
{
	AUTO_SESSION struct session s = { 0 };
	unsigned lun;

	if (lun_take(inv, &lun, e) < 0 ||
	    session_begin_alive(&s, inv, name, e) < 0)
		return -1;
	if (disks_detach(s.site, name, lun, e) < 0)
		return told(name, e);
	if (record(s.site, name, lun, NULL, e) < 0)
		return -1;
	printf("%s: has lost its LUN %u\n", name, lun);
	return 0;
}

/* 0 when the option was not given. */
static int
size_take(const struct invocation *inv, uint64_t *bytes, struct err *e)
{
	const char *text = inv->value[OPTION_SIZE];

	*bytes = 0;
	if (text == NULL)
		return 0;
	if (size_parse(text, bytes, e) < 0 || *bytes > INT64_MAX) {
		e->code = ERR_USAGE;
		return err_prefix(e, "--size");
	}
	if (*bytes == 0)
		return err_set(e, ERR_USAGE, "--size: 0 is no size");
	return 0;
}

static const struct disk_state *
disk_find(const struct disk_state *disks, unsigned count, unsigned lun)
{
	for (unsigned i = 0; i < count; i++)
		if (disks[i].lun == lun)
			return &disks[i];
	return NULL;
}

/* Never makes it smaller: what is at its end would be lost. */
static int
file_grow(const char *path, uint64_t size, struct err *e)
{
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s: not a file: change its size by "
		    "its own means, and then leave --size out", path);
	if ((uint64_t)st.st_size > size)
		return err_set(e, EINVAL,
		    "%s: is larger than that, and is not made smaller", path);
	if (ftruncate(fd, (off_t)size) < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	return 0;
}

int
cmd_disk_resize(const struct invocation *inv, const char *name, struct err *e)
{
	static struct disk_state disks[DISKS_MAX];
	AUTO_SESSION struct session s = { 0 };
	const struct disk_state *d;
	unsigned lun, count;
	uint64_t size;

	if (lun_take(inv, &lun, e) < 0 || size_take(inv, &size, e) < 0 ||
	    session_begin_alive(&s, inv, name, e) < 0)
		return -1;
	if (disks_list(s.site, name, disks, &count, e) < 0)
		return told(name, e);
	d = disk_find(disks, count, lun);
	if (d == NULL)
		return err_set(e, ENOENT, "%s: there is no disk at LUN %u",
		    name, lun);
	/* What is in the file of another format, its process changes. */
	if (size != 0 && strcmp(d->format,
	    config_disk_formats[CONFIG_DISK_QCOW2]) != 0 &&
	    file_grow(d->path, size, e) < 0)
		return -1;
	if (disks_resize(s.site, name, lun, size, e) < 0)
		return told(name, e);
	printf("%s: looks at the size of LUN %u again\n", name, lun);
	return 0;
}

static int
format_take(const struct invocation *inv, const char *file,
    enum config_disk_format *format, struct err *e)
{
	static const enum config_disk_format made[] = { CONFIG_DISK_RAW,
		CONFIG_DISK_QCOW2 };
	const char *text = inv->value[OPTION_FORMAT];

	if (text == NULL && config_disk_format(file, format, e) < 0)
		*format = CONFIG_DISK_FORMATS;
	for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
		if (text != NULL &&
		    strcmp(text, config_disk_formats[made[i]]) == 0)
			*format = made[i];
		else if (text != NULL || *format != made[i])
			continue;
		return 0;
	}
	return err_set(e, ERR_USAGE, "%s: only raw and qcow2 images are made, "
	    "like --format qcow2", file);
}

static int
empty_create(const char *file, uint64_t size, enum config_disk_format format,
    struct err *e)
{
	AUTO_CLOSE int fd = -1;

	if (size == 0)
		return err_set(e, ERR_USAGE, "disk create needs --size, like "
		    "--size 8G, or --from");
	fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return err_set(e, ERR_EXISTS, "%s: there is such a file",
		    file);
	if (fd < 0 || (format == CONFIG_DISK_RAW &&
	    ftruncate(fd, (off_t)size) < 0))
		return err_set(e, errno, "%s: %s", file, strerror(errno));
	if (format == CONFIG_DISK_RAW || qcow2_create(file, size, e) == 0)
		return 0;
	unlink(file);
	return err_prefix(e, "%s", file);
}

/* A word without slashes is the name of an image of ours. */
static int
copy_create(const struct invocation *inv, const char *file, uint64_t size,
    struct err *e)
{
	const char *from = inv->value[OPTION_FROM];
	char path[SITE_PATH_MAX];

	if (strchr(from, '/') != NULL)
		return image_copy(from, file, size, e);
	site_image(&inv->site, from, path);
	if (image_copy(path, file, size, e) == 0)
		return 0;
	if (e->code != ENOENT || access(path, F_OK) == 0)
		return -1;
	return err_set(e, ENOENT, "no image \"%.40s\" came with us: there is "
	    "no %s; a path has a slash in it", from, path);
}

int
cmd_disk_create(const struct invocation *inv, const char *file, struct err *e)
{
	bool copies = inv->value[OPTION_FROM] != NULL;
	enum config_disk_format format;
	uint64_t size;

	if (size_take(inv, &size, e) < 0 ||
	    format_take(inv, file, &format, e) < 0)
		return -1;
	if (copies && format != CONFIG_DISK_RAW)
		return err_set(e, ERR_USAGE, "--from makes raw images: name "
		    "one so, and convert it with qemu-img convert -O qcow2");
	if (copies ? copy_create(inv, file, size, e) < 0 :
	    empty_create(file, size, format, e) < 0)
		return -1;
	printf("%s: created\n", file);
	return 0;
}

int
cmd_disk_seed(const struct invocation *inv, const char *file, struct err *e)
{
	const char *folder = inv->value[OPTION_FROM];

	if (folder == NULL)
		return err_set(e, ERR_USAGE, "disk seed needs --from and a "
		    "folder with the file user-data");
	if (seed_create(folder, file, e) < 0)
		return -1;
	printf("%s: created; --disk %s,format=iso gives it to a partition\n",
	    file, file);
	return 0;
}
