/* SPDX-License-Identifier: Apache-2.0 */
/* Reading partition configuration: the file's lines, and the files it names. */
#include "manager/config.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "manager/cleanup.h"
#include "manager/file.h"

#define DISK_BLOCK 512 /* the least that a disk can have */

struct line {
	const char *text;
	size_t len;
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct line
line_trim(struct line l)
{
	while (l.len > 0 && is_blank(l.text[0])) {
		l.text++;
		l.len--;
	}
	while (l.len > 0 && is_blank(l.text[l.len - 1]))
		l.len--;
	return l;
}

/* CONFIG_KEYS when there is no such key. */
static enum config_key_id
key_find(struct line key, struct err *e)
{
	char known[256] = "";

	for (int i = 0; i < CONFIG_KEYS; i++) {
		const char *name = config_key_names[i];

		if (strlen(name) == key.len &&
		    memcmp(name, key.text, key.len) == 0)
			return (enum config_key_id)i;
		snprintf(known + strlen(known), sizeof(known) - strlen(known),
		    "%s%s", i == 0 ? "" : ", ", name);
	}
	err_set(e, EINVAL, "unknown key \"%.*s\"; there are: %s",
	    key.len > 40 ? 40 : (int)key.len, key.text, known);
	return CONFIG_KEYS;
}

/* @seen has a bit for each key that was said before. */
static int
line_parse(struct line l, struct config *c, unsigned *seen, struct err *e)
{
	char value[CONFIG_TEXT_MAX];
	const char *equals;
	enum config_key_id id;
	struct line key, rest;

	l = line_trim(l);
	if (l.len == 0 || l.text[0] == '#')
		return 0;
	equals = memchr(l.text, '=', l.len);
	if (equals == NULL)
		return err_set(e, EINVAL,
		    "\"%.*s\" is not of the form: key = value",
		    l.len > 40 ? 40 : (int)l.len, l.text);
	key = line_trim((struct line){ l.text, (size_t)(equals - l.text) });
	id = key_find(key, e);
	if (id == CONFIG_KEYS)
		return -1;
	if ((*seen & 1U << id) != 0 && !config_key_repeats(id))
		return err_set(e, EINVAL, "%s was said before",
		    config_key_names[id]);
	*seen |= 1U << id;

	rest.text = equals + 1;
	rest.len = l.len - (size_t)(rest.text - l.text);
	rest = line_trim(rest);
	memcpy(value, rest.text, rest.len);
	value[rest.len] = '\0';
	return config_set(c, id, value, e);
}

int
config_parse(const uint8_t *text, size_t len, struct config *c, struct err *e)
{
	const char *at = (const char *)text;
	unsigned number = 1, seen = 0;
	size_t left = len;

	if (len >= CONFIG_TEXT_MAX)
		return err_set(e, EINVAL,
		    "%zu bytes long: more than %d cannot be a configuration",
		    len, CONFIG_TEXT_MAX - 1);
	if (len > 0 && memchr(text, '\0', len) != NULL)
		return err_set(e, EINVAL, "contains a NUL byte: not text");
	config_default(c);
	for (; left > 0; number++) {
		const char *end = memchr(at, '\n', left);
		size_t n = end != NULL ? (size_t)(end - at) : left;

		if (line_parse((struct line){ at, n }, c, &seen, e) < 0)
			return err_prefix(e, "line %u", number);
		n += end != NULL;
		at += n;
		left -= n;
	}
	config_settle(c, seen);
	return config_check(c, e);
}

int
config_load(const char *path, struct config *c, struct err *e)
{
	char text[CONFIG_TEXT_MAX];
	size_t len;

	if (file_read(path, text, sizeof(text), &len, e) < 0)
		return -1;
	if (config_parse((const uint8_t *)text, len, c, e) < 0)
		return err_prefix(e, "%s", path);
	return 0;
}

static int
check_file(const char *key, const char *path, struct err *e)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return err_set(e, errno, "%s: %s: %s", key, path,
		    strerror(errno));
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, EINVAL, "%s: %s: not a regular file", key,
		    path);
	if (st.st_size == 0)
		return err_set(e, EINVAL, "%s: %s: empty", key, path);
	return 0;
}

static int
check_disk(const struct config_disk *d, struct err *e)
{
	AUTO_CLOSE int fd = open(d->path, (d->readonly ? O_RDONLY : O_RDWR) |
	    O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return err_set(e, errno, "disk: %s: %s%s", d->path,
		    strerror(errno),
		    errno == EROFS || errno == EACCES || errno == EPERM ?
			"; with ,readonly=yes it is only read" : "");
	if (fstat(fd, &st) < 0 ||
	    (!S_ISREG(st.st_mode) && !S_ISBLK(st.st_mode)))
		return err_set(e, EINVAL,
		    "disk: %s: neither a regular file nor a block device",
		    d->path);
	if (S_ISREG(st.st_mode) && st.st_size < DISK_BLOCK)
		return err_set(e, EINVAL,
		    "disk: %s: smaller than a block; truncate -s 8G makes "
		    "one of 8 GiB", d->path);
	return 0;
}

static int
check_user(const struct config_channel *c, struct err *e)
{
	if (c->user[0] != '\0' && getpwnam(c->user) == NULL)
		return err_set(e, ENOENT, "channel: there is no user %s",
		    c->user);
	return 0;
}

int
config_check_files(const struct config *c, struct err *e)
{
	if (check_file("kernel", c->kernel, e) < 0)
		return -1;
	if (c->initrd[0] != '\0' && check_file("initrd", c->initrd, e) < 0)
		return -1;
	for (unsigned i = 0; i < c->disk_count; i++)
		if (check_disk(&c->disks[i], e) < 0)
			return -1;
	for (unsigned i = 0; i < c->channel_count; i++)
		if (check_user(&c->channels[i], e) < 0)
			return -1;
	return 0;
}
