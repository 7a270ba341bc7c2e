/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing what is said of one disk. */
#include "manager/config_disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ID_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."

const char *const config_disk_formats[CONFIG_DISK_FORMATS] = {
	[CONFIG_DISK_RAW] = "raw",
	[CONFIG_DISK_ISO] = "iso",
	[CONFIG_DISK_QCOW2] = "qcow2",
	[CONFIG_DISK_VHDX] = "vhdx",
};

const char *const config_disk_fulls[CONFIG_DISK_FULLS] = {
	[CONFIG_DISK_FULL_PAUSE] = "pause",
	[CONFIG_DISK_FULL_ERROR] = "error",
};

/*
 * What a file's name says of what is in it. Its bytes are not asked: a guest
 * can make those of a raw disk look like anything.
 */
static const struct suffix {
	const char *text;
	enum config_disk_format format;	/* CONFIG_DISK_FORMATS: not served */
} suffixes[] = {
	{ ".iso", CONFIG_DISK_ISO }, { ".qcow2", CONFIG_DISK_QCOW2 },
	{ ".vhdx", CONFIG_DISK_VHDX }, { ".qcow", CONFIG_DISK_FORMATS },
	{ ".vhd", CONFIG_DISK_FORMATS }, { ".vmdk", CONFIG_DISK_FORMATS },
	{ ".vdi", CONFIG_DISK_FORMATS },
};

static const char *const yes_no[] = { "no", "yes" };

/* The options, in the order in which they are written. */
enum option {
	OPTION_FORMAT,
	OPTION_READONLY,
	OPTION_FULL,
	OPTION_ID,
	OPTIONS,
};

static const char *const option_names[OPTIONS] = {
	[OPTION_FORMAT] = "format",
	[OPTION_READONLY] = "readonly",
	[OPTION_FULL] = "full",
	[OPTION_ID] = "id",
};

struct word {
	const char *text;
	size_t len;
};

static bool
word_is(struct word w, const char *text)
{
	return strlen(text) == w.len && memcmp(text, w.text, w.len) == 0;
}

/* Which of @words is @value; -1, with all in the text, when none. */
static int
choose(enum option option, struct word value, const char *const *words,
    int count, struct err *e)
{
	char all[64] = "";

	for (int i = 0; i < count; i++)
		if (word_is(value, words[i]))
			return i;
	for (int i = 0; i < count; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all),
		    "%s\"%s\"", i == 0 ? "" : " nor ", words[i]);
	return err_set(e, EINVAL, "disk: %s \"%.*s\" is neither %s",
	    option_names[option], value.len > 40 ? 40 : (int)value.len,
	    value.text, all);
}

static int
set_id(struct config_disk *d, struct word value, struct err *e)
{
	if (value.len == 0 || value.len >= CONFIG_DISK_ID_MAX)
		return err_set(e, EINVAL,
		    "disk: id must have 1 to %d characters",
		    CONFIG_DISK_ID_MAX - 1);
	if (strspn(value.text, ID_CHARACTERS) < value.len)
		return err_set(e, EINVAL,
		    "disk: id \"%.*s\" has other characters than letters, "
		    "digits, -, _ and .", (int)value.len, value.text);
	memcpy(d->id, value.text, value.len);
	d->id[value.len] = '\0';
	return 0;
}

static int
option_set(struct config_disk *d, enum option option, struct word value,
    struct err *e)
{
	int n = 0;

	switch (option) {
	case OPTION_FORMAT:
		n = choose(option, value, config_disk_formats,
		    CONFIG_DISK_FORMATS, e);
		d->format = (enum config_disk_format)n;
		break;
	case OPTION_READONLY:
		n = choose(option, value, yes_no, 2, e);
		d->readonly = n == 1;
		break;
	case OPTION_FULL:
		n = choose(option, value, config_disk_fulls,
		    CONFIG_DISK_FULLS, e);
		d->full = (enum config_disk_full)n;
		break;
	case OPTION_ID:
		return set_id(d, value, e);
	case OPTIONS:
		break;
	}
	return n < 0 ? -1 : 0;
}

/* @seen has a bit for each option that was said before. */
static int
option_parse(struct config_disk *d, struct word w, unsigned *seen,
    struct err *e)
{
	const char *equals = memchr(w.text, '=', w.len);
	struct word name = w, value;

	if (equals != NULL) {
		name.len = (size_t)(equals - w.text);
		value = (struct word){ equals + 1, w.len - name.len - 1 };
		for (unsigned i = 0; i < OPTIONS; i++) {
			if (!word_is(name, option_names[i]))
				continue;
			if ((*seen & 1U << i) != 0)
				return err_set(e, EINVAL,
				    "disk: %s was said twice",
				    option_names[i]);
			*seen |= 1U << i;
			return option_set(d, (enum option)i, value, e);
		}
	}
	return err_set(e, EINVAL,
	    "disk: after the path and a comma may follow format=, readonly=, "
	    "full= and id=, but not \"%.*s\"",
	    w.len > 40 ? 40 : (int)w.len, w.text);
}

static const struct suffix *
suffix_find(const char *path)
{
	size_t len = strlen(path);

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		size_t n = strlen(suffixes[i].text);

		if (len > n && strcasecmp(path + len - n,
		    suffixes[i].text) == 0)
			return &suffixes[i];
	}
	return NULL;
}

int
config_disk_format(const char *path, enum config_disk_format *out,
    struct err *e)
{
	const struct suffix *s = suffix_find(path);

	if (s != NULL && s->format == CONFIG_DISK_FORMATS)
		return err_set(e, EINVAL,
		    "disk: %.80s is no raw image by its name, and %s is not "
		    "served: convert it with qemu-img convert -O qcow2, or "
		    "add format=raw if it is one", path, s->text + 1);
	*out = s != NULL ? s->format : CONFIG_DISK_RAW;
	return 0;
}

/* Why a disk of this format cannot be written; NULL: it can. */
static const char *
only_read(enum config_disk_format format)
{
	switch (format) {
	case CONFIG_DISK_ISO:
		return "a DVD cannot be written: readonly=no goes with "
		    "format=raw";
	case CONFIG_DISK_VHDX:
		return "VHDX is only read: to write it, convert it with "
		    "qemu-img convert -O qcow2";
	case CONFIG_DISK_RAW:
	case CONFIG_DISK_QCOW2:
	case CONFIG_DISK_FORMATS:
		break;
	}
	return NULL;
}

int
config_disk_parse(const char *text, struct config_disk *d, struct err *e)
{
	struct config_disk new = { .format = CONFIG_DISK_RAW };
	size_t len = strcspn(text, ",");
	unsigned seen = 0;

	if (text[0] != '/')
		return err_set(e, EINVAL,
		    "disk: \"%.80s\" is not an absolute path: begin it with /",
		    text);
	if (len >= CONFIG_DISK_PATH_MAX)
		return err_set(e, EINVAL, "disk: the path is longer than %d",
		    CONFIG_DISK_PATH_MAX - 1);
	memcpy(new.path, text, len);
	for (const char *at = text + len; *at != '\0'; at += len) {
		at++;
		len = strcspn(at, ",");
		if (option_parse(&new, (struct word){ at, len }, &seen, e) < 0)
			return -1;
	}
	if ((seen & 1U << OPTION_FORMAT) == 0 &&
	    config_disk_format(new.path, &new.format, e) < 0)
		return -1;
	if (only_read(new.format) != NULL) {
		if ((seen & 1U << OPTION_READONLY) != 0 && !new.readonly)
			return err_set(e, EINVAL, "disk: %s",
			    only_read(new.format));
		new.readonly = true;
	}
	*d = new;
	return 0;
}

void
config_disk_print(const struct config_disk *d, char out[CONFIG_DISK_TEXT_MAX])
{
	const struct suffix *s = suffix_find(d->path);
	bool usual = d->format == (s == NULL ? CONFIG_DISK_RAW : s->format);

	snprintf(out, CONFIG_DISK_TEXT_MAX, "%s%s%s%s%s%s%s%s", d->path,
	    usual ? "" : ",format=",
	    usual ? "" : config_disk_formats[d->format],
	    d->readonly && only_read(d->format) == NULL ?
	    ",readonly=yes" : "",
	    d->full != CONFIG_DISK_FULL_PAUSE ? ",full=" : "",
	    d->full != CONFIG_DISK_FULL_PAUSE ? config_disk_fulls[d->full] : "",
	    d->id[0] != '\0' ? ",id=" : "", d->id);
}
