/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a running partition's disks. */
#include "manager/disk_record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "manager/cleanup.h"
#include "manager/file.h"

void
disk_record_from_config(const struct config *config, struct disk_record *r)
{
	memset(r, 0, sizeof(*r));
	for (unsigned i = 0; i < config->disk_count; i++) {
		r->has[i] = true;
		r->disks[i] = config->disks[i];
	}
}

/* One line, which ends with a NUL. */
static int
line_parse(char *line, struct disk_record *r, struct err *e)
{
	char *rest;
	unsigned long lun = strtoul(line, &rest, 10);

	if (rest == line || *rest != ' ' || lun >= DISKS_MAX)
		return err_set(e, EINVAL, "\"%.20s\" begins with no LUN", line);
	if (config_disk_parse(rest + 1, &r->disks[lun], e) < 0)
		return -1;
	r->has[lun] = true;
	return 0;
}

int
disk_record_parse(const char *text, size_t len, struct disk_record *r,
    struct err *e)
{
	char line[CONFIG_DISK_TEXT_MAX + 4];

	memset(r, 0, sizeof(*r));
	while (len > 0) {
		const char *end = memchr(text, '\n', len);
		size_t n = end != NULL ? (size_t)(end - text) : len;

		if (end == NULL || n >= sizeof(line) ||
		    memchr(text, '\0', n) != NULL)
			return err_set(e, EINVAL, "not a record of disks");
		memcpy(line, text, n);
		line[n] = '\0';
		if (line_parse(line, r, e) < 0)
			return -1;
		text += n + 1;
		len -= n + 1;
	}
	return 0;
}

size_t
disk_record_print(const struct disk_record *r,
    char out[DISK_RECORD_TEXT_MAX])
{
	char text[CONFIG_DISK_TEXT_MAX];
	size_t n = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < DISKS_MAX; i++) {
		if (!r->has[i])
			continue;
		config_disk_print(&r->disks[i], text);
		n += (size_t)snprintf(out + n, DISK_RECORD_TEXT_MAX - n,
		    "%u %s\n", i, text);
	}
	return n;
}

int
disk_record_load(const struct site *s, const char *name,
    struct disk_record *r, struct err *e)
{
	static char text[DISK_RECORD_TEXT_MAX];
	char path[SITE_PATH_MAX];
	size_t len;

	site_disks(s, name, path);
	if (file_read(path, text, sizeof(text), &len, e) < 0)
		return -1;
	if (disk_record_parse(text, len, r, e) < 0)
		return err_prefix(e, "%s", path);
	return 0;
}

int
disk_record_store(const struct site *s, const char *name,
    const struct disk_record *r, struct err *e)
{
	static char text[DISK_RECORD_TEXT_MAX];
	char path[SITE_PATH_MAX];
	size_t len = disk_record_print(r, text);

	site_disks(s, name, path);
	return file_replace(path, text, len, e);
}

int
disk_record_change(const struct site *s, const char *name, unsigned lun,
    const struct config_disk *d, struct err *e)
{
	static struct disk_record r;
	char path[SITE_PATH_MAX];
	AUTO_CLOSE int folder = -1;

	/* One at a time, for all partitions. */
	site_disks(s, "", path);
	folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || flock(folder, LOCK_EX) < 0)
		return err_set(e, errno, "%s: %s", path, strerror(errno));
	if (disk_record_load(s, name, &r, e) < 0)
		return -1;
	r.has[lun] = d != NULL;
	if (d != NULL)
		r.disks[lun] = *d;
	return disk_record_store(s, name, &r, e);
}
