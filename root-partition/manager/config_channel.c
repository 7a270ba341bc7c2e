/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing what is said of one raw channel. */
#include "manager/config_channel.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define NAME_CHARACTERS LOWER "0123456789-"
#define USER_CHARACTERS NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ_."
#define GUID_FORM "00000000-0000-0000-0000-000000000000"

/* Lower case, so that equal ones look alike. */
static bool
guid_copy(char out[CONFIG_GUID_MAX], const char *text)
{
	if (strlen(text) != CONFIG_GUID_MAX - 1)
		return false;
	for (size_t i = 0; i < CONFIG_GUID_MAX; i++) {
		int c = tolower((unsigned char)text[i]);

		if (GUID_FORM[i] == '0' ? isxdigit(c) == 0 :
		    c != GUID_FORM[i])
			return false;
		out[i] = (char)c;
	}
	return true;
}

static int
set_guid(char out[CONFIG_GUID_MAX], const char *key, const char *value,
    struct err *e)
{
	if (!guid_copy(out, value))
		return err_set(e, EINVAL,
		    "channel: %s \"%.40s\" is not of the form "
		    "12345678-9abc-def0-1234-56789abcdef0", key, value);
	return 0;
}

static int
set_word(char *out, size_t size, const char *key, const char *value,
    const char *characters, struct err *e)
{
	size_t len = strlen(value);

	if (len == 0 || len >= size || value[0] == '-' || value[0] == '.' ||
	    strspn(value, characters) != len)
		return err_set(e, EINVAL,
		    "channel: %s \"%.40s\" is not 1 to %zu letters%s, digits "
		    "and hyphens", key, value, size - 1,
		    characters[sizeof(NAME_CHARACTERS) - 1] == '\0' ?
		    " in lower case" : "");
	strcpy(out, value);
	return 0;
}

/* @key and @value are what stood before and behind the = sign. */
static int
option_set(struct config_channel *c, const char *key, const char *value,
    struct err *e)
{
	const struct {
		const char *key;
		char *at;
	} known[] = {
		{ "instance", c->instance_id }, { "name", c->name },
		{ "user", c->user },
	};
	size_t i = 0;

	while (i < 3 && strcmp(known[i].key, key) != 0)
		i++;
	if (i == 3)
		return err_set(e, EINVAL,
		    "channel: after the class and a comma may follow "
		    "instance=, name= and user=, but not \"%.40s\"", key);
	if (known[i].at[0] != '\0')
		return err_set(e, EINVAL, "channel: %s was said twice", key);
	if (i == 0)
		return set_guid(c->instance_id, key, value, e);
	if (i == 1)
		return set_word(c->name, sizeof(c->name), key, value,
		    NAME_CHARACTERS, e);
	return set_word(c->user, sizeof(c->user), key, value, USER_CHARACTERS,
	    e);
}

int
config_channel_parse(const char *text, struct config_channel *c,
    struct err *e)
{
	struct config_channel new = { .name = "" };
	char copy[CONFIG_CHANNEL_TEXT_MAX], *word, *rest = copy;

	if (strlen(text) >= sizeof(copy))
		return err_set(e, EINVAL, "channel: longer than %zu",
		    sizeof(copy) - 1);
	strcpy(copy, text);
	word = strsep(&rest, ",");
	if (set_guid(new.class_id, "class", word, e) < 0)
		return -1;
	while ((word = strsep(&rest, ",")) != NULL) {
		char *key = strsep(&word, "=");

		if (option_set(&new, key, word != NULL ? word : "", e) < 0)
			return -1;
	}
	*c = new;
	return 0;
}

void
config_channel_print(const struct config_channel *c,
    char out[CONFIG_CHANNEL_TEXT_MAX])
{
	snprintf(out, CONFIG_CHANNEL_TEXT_MAX, "%s%s%s%s%s%s%s", c->class_id,
	    c->instance_id[0] != '\0' ? ",instance=" : "", c->instance_id,
	    c->name[0] != '\0' ? ",name=" : "", c->name,
	    c->user[0] != '\0' ? ",user=" : "", c->user);
}

void
config_channel_name(const struct config_channel *c, unsigned index,
    char out[CONFIG_CHANNEL_NAME_MAX])
{
	if (c->name[0] != '\0')
		strcpy(out, c->name);
	else
		snprintf(out, CONFIG_CHANNEL_NAME_MAX, "channel-%u", index);
}

/* The class, but for its last four digits: the number, from 1 on. */
void
config_channel_instance(const struct config_channel *c, unsigned index,
    char out[CONFIG_GUID_MAX])
{
	if (c->instance_id[0] != '\0')
		strcpy(out, c->instance_id);
	else
		snprintf(out, CONFIG_GUID_MAX, "%.32s%04x", c->class_id,
		    (index + 1) & 0xffff);
}
