/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a PC keyboard, in the order of their codes. */
#include "keyboard/keys.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define E0(code) ((code) | 0x100)

static const struct key {
	const char *name;
	uint16_t code;
} keys[] = {
	{ "esc", 0x01 }, { "1", 0x02 }, { "2", 0x03 }, { "3", 0x04 },
	{ "4", 0x05 }, { "5", 0x06 }, { "6", 0x07 }, { "7", 0x08 },
	{ "8", 0x09 }, { "9", 0x0a }, { "0", 0x0b }, { "minus", 0x0c },
	{ "equal", 0x0d }, { "backspace", 0x0e }, { "tab", 0x0f },
	{ "q", 0x10 }, { "w", 0x11 }, { "e", 0x12 }, { "r", 0x13 },
	{ "t", 0x14 }, { "y", 0x15 }, { "u", 0x16 }, { "i", 0x17 },
	{ "o", 0x18 }, { "p", 0x19 }, { "leftbracket", 0x1a },
	{ "rightbracket", 0x1b }, { "enter", 0x1c }, { "ctrl", 0x1d },
	{ "a", 0x1e }, { "s", 0x1f }, { "d", 0x20 }, { "f", 0x21 },
	{ "g", 0x22 }, { "h", 0x23 }, { "j", 0x24 }, { "k", 0x25 },
	{ "l", 0x26 }, { "semicolon", 0x27 }, { "quote", 0x28 },
	{ "backquote", 0x29 }, { "shift", 0x2a }, { "backslash", 0x2b },
	{ "z", 0x2c }, { "x", 0x2d }, { "c", 0x2e }, { "v", 0x2f },
	{ "b", 0x30 }, { "n", 0x31 }, { "m", 0x32 }, { "comma", 0x33 },
	{ "dot", 0x34 }, { "slash", 0x35 }, { "rightshift", 0x36 },
	{ "alt", 0x38 }, { "space", 0x39 }, { "capslock", 0x3a },
	{ "f1", 0x3b }, { "f2", 0x3c }, { "f3", 0x3d }, { "f4", 0x3e },
	{ "f5", 0x3f }, { "f6", 0x40 }, { "f7", 0x41 }, { "f8", 0x42 },
	{ "f9", 0x43 }, { "f10", 0x44 }, { "numlock", 0x45 },
	{ "scrolllock", 0x46 }, { "f11", 0x57 }, { "f12", 0x58 },
	{ "rightctrl", E0(0x1d) }, { "sysrq", E0(0x37) },
	{ "altgr", E0(0x38) }, { "home", E0(0x47) }, { "up", E0(0x48) },
	{ "pageup", E0(0x49) }, { "left", E0(0x4b) },
	{ "right", E0(0x4d) }, { "end", E0(0x4f) }, { "down", E0(0x50) },
	{ "pagedown", E0(0x51) }, { "insert", E0(0x52) },
	{ "del", E0(0x53) }, { "super", E0(0x5b) }, { "menu", E0(0x5d) },
};

static bool
key_find(const char *name, size_t len, struct key_event *event)
{
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strlen(keys[i].name) != len ||
		    memcmp(keys[i].name, name, len) != 0)
			continue;
		event->code = keys[i].code & 0xff;
		event->flags = keys[i].code > 0xff ? KEY_E0 : 0;
		return true;
	}
	return false;
}

/* Keys that are down at once: they go up in the opposite order. */
static int
chord_parse(const char *text, size_t len, struct key_event *out,
    size_t *count, struct err *e)
{
	struct key_event down[KEYS_CHORD_MAX];
	size_t n = 0, at = 0;

	while (at <= len) {
		size_t end = at;

		while (end < len && text[end] != '-')
			end++;
		if (n == KEYS_CHORD_MAX)
			return err_set(e, EINVAL,
			    "more than %u keys at once", KEYS_CHORD_MAX);
		if (!key_find(text + at, end - at, &down[n]))
			return err_set(e, EINVAL,
			    "there is no key \"%.*s\": man mullion lists "
			    "those there are", (int)(end - at < 40 ? end - at :
			    40), text + at);
		n++;
		at = end + 1;
	}
	if (*count + 2 * n > KEYS_EVENTS_MAX)
		return err_set(e, EINVAL, "more than %u keys",
		    KEYS_EVENTS_MAX / 2);
	for (size_t i = 0; i < n; i++)
		out[(*count)++] = down[i];
	while (n-- > 0) {
		down[n].flags |= KEY_BREAK;
		out[(*count)++] = down[n];
	}
	return 0;
}

int
keys_parse(const char *text, struct key_event out[KEYS_EVENTS_MAX],
    size_t *count, struct err *e)
{
	*count = 0;
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (len > 0 && chord_parse(text, len, out, count, e) < 0)
			return -1;
		text += len + strspn(text + len, " ");
	}
	if (*count == 0)
		return err_set(e, EINVAL, "no key is named");
	return 0;
}
