/* SPDX-License-Identifier: Apache-2.0 */
/* Partition configuration: keys, their checks, reading and writing text. */
#include "manager/config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manager/size.h"

const char *const config_key_names[CONFIG_KEYS] = {
	[CONFIG_KEY_CPUS] = "cpus",
	[CONFIG_KEY_MEMORY] = "memory",
	[CONFIG_KEY_MEMORY_MIN] = "memory-min",
	[CONFIG_KEY_MEMORY_MAX] = "memory-max",
	[CONFIG_KEY_KERNEL] = "kernel",
	[CONFIG_KEY_INITRD] = "initrd",
	[CONFIG_KEY_CMDLINE] = "cmdline",
	[CONFIG_KEY_CONSOLE] = "console",
	[CONFIG_KEY_START_AT_BOOT] = "start-at-boot",
	[CONFIG_KEY_INTEGRATION] = "integration",
	[CONFIG_KEY_SOCKETS] = "sockets",
	[CONFIG_KEY_KEYBOARD] = "keyboard",
	[CONFIG_KEY_DISK] = "disk",
	[CONFIG_KEY_NETWORK] = "network",
	[CONFIG_KEY_CHANNEL] = "channel",
};

bool
config_key_repeats(enum config_key_id id)
{
	return id == CONFIG_KEY_DISK || id == CONFIG_KEY_NETWORK ||
	    id == CONFIG_KEY_CHANNEL;
}

const char *
config_console_name(enum config_console console)
{
	return console == CONFIG_CONSOLE_SERIAL ? "serial" : "none";
}

void
config_default(struct config *c)
{
	memset(c, 0, sizeof(*c));
	c->cpus = 1;
	c->memory = UINT64_C(256) << 20;
	strcpy(c->kernel, CONFIG_DEFAULT_KERNEL);
	strcpy(c->initrd, CONFIG_DEFAULT_INITRD);
	strcpy(c->cmdline, CONFIG_DEFAULT_CMDLINE);
	c->console = CONFIG_CONSOLE_SERIAL;
	c->integration = true;
	c->sockets = true;
}

/* Media of DVD drives are for installing from and for seeds. */
static bool
has_hard_disk(const struct config *c)
{
	for (unsigned i = 0; i < c->disk_count; i++)
		if (c->disks[i].format != CONFIG_DISK_ISO)
			return true;
	return false;
}

void
config_settle(struct config *c, unsigned said)
{
	bool kernel = (said & 1U << CONFIG_KEY_KERNEL) != 0;
	bool initrd = (said & 1U << CONFIG_KEY_INITRD) != 0;

	if (kernel && !initrd)
		c->initrd[0] = '\0';
	c->from_disk = !kernel && !initrd && has_hard_disk(c);
	if (!c->from_disk)
		return;
	strcpy(c->kernel, CONFIG_LOADER_KERNEL);
	strcpy(c->initrd, CONFIG_LOADER_INITRD);
}

static int
set_cpus(struct config *c, const char *value, struct err *e)
{
	size_t digits = strspn(value, "0123456789");
	unsigned long n;

	if (digits == 0 || value[digits] != '\0' || digits > 6)
		return err_set(e, EINVAL,
		    "cpus: \"%.40s\" is not a number from 1 to %d", value,
		    CONFIG_CPUS_MAX);
	n = strtoul(value, NULL, 10);
	if (n < 1 || n > CONFIG_CPUS_MAX)
		return err_set(e, EINVAL, "cpus: %lu is not from 1 to %d", n,
		    CONFIG_CPUS_MAX);
	c->cpus = (unsigned)n;
	return 0;
}

static int
set_memory(uint64_t *memory, const char *key, const char *value,
    struct err *e)
{
	char low[SIZE_TEXT_MAX], high[SIZE_TEXT_MAX], step[SIZE_TEXT_MAX];
	uint64_t bytes;

	if (size_parse(value, &bytes, e) < 0)
		return err_prefix(e, "%s", key);
	size_format(CONFIG_MEMORY_MIN, low);
	size_format(CONFIG_MEMORY_MAX, high);
	size_format(CONFIG_MEMORY_STEP, step);
	if (bytes < CONFIG_MEMORY_MIN || bytes > CONFIG_MEMORY_MAX)
		return err_set(e, EINVAL, "%s: %s is not from %s to %s", key,
		    value, low, high);
	if (bytes % CONFIG_MEMORY_STEP != 0)
		return err_set(e, EINVAL,
		    "%s: %s is not a multiple of %s", key, value, step);
	*memory = bytes;
	return 0;
}

static int
set_path(char *path, const char *key, const char *value, struct err *e)
{
	if (value[0] != '/')
		return err_set(e, EINVAL,
		    "%s: \"%.80s\" is not an absolute path: begin it with /",
		    key, value);
	if (strlen(value) >= CONFIG_PATH_MAX)
		return err_set(e, EINVAL, "%s: the path is longer than %d",
		    key, CONFIG_PATH_MAX - 1);
	strcpy(path, value);
	return 0;
}

static int
set_initrd(struct config *c, const char *value, struct err *e)
{
	if (strcmp(value, "none") == 0) {
		c->initrd[0] = '\0';
		return 0;
	}
	if (value[0] != '/')
		return err_set(e, EINVAL,
		    "initrd: \"%.80s\" is neither an absolute path nor "
		    "\"none\"", value);
	return set_path(c->initrd, "initrd", value, e);
}

static int
set_cmdline(struct config *c, const char *value, struct err *e)
{
	if (strlen(value) >= CONFIG_CMDLINE_MAX)
		return err_set(e, EINVAL,
		    "cmdline: %zu characters, Linux takes at most %d",
		    strlen(value), CONFIG_CMDLINE_MAX - 1);
	strcpy(c->cmdline, value);
	return 0;
}

static int
set_console(struct config *c, const char *value, struct err *e)
{
	if (strcmp(value, "serial") == 0)
		c->console = CONFIG_CONSOLE_SERIAL;
	else if (strcmp(value, "none") == 0)
		c->console = CONFIG_CONSOLE_NONE;
	else
		return err_set(e, EINVAL,
		    "console: \"%.40s\" is neither \"serial\" nor \"none\"",
		    value);
	return 0;
}

static int
set_choice(bool *choice, const char *key, const char *value, struct err *e)
{
	if (strcmp(value, "yes") == 0)
		*choice = true;
	else if (strcmp(value, "no") == 0)
		*choice = false;
	else
		return err_set(e, EINVAL,
		    "%s: \"%.40s\" is neither \"yes\" nor \"no\"", key,
		    value);
	return 0;
}

static int
add_disk(struct config *c, const char *value, struct err *e)
{
	struct config_disk d;

	if (config_disk_parse(value, &d, e) < 0)
		return -1;
	if (c->disk_count == CONFIG_DISKS_MAX)
		return err_set(e, EINVAL, "disk: there are more than %d",
		    CONFIG_DISKS_MAX);
	for (unsigned i = 0; i < c->disk_count; i++) {
		const struct config_disk *other = &c->disks[i];

		if (strcmp(d.path, other->path) == 0)
			return err_set(e, EINVAL,
			    "disk: %.200s is one already", d.path);
		if (d.id[0] != '\0' && strcmp(d.id, other->id) == 0)
			return err_set(e, EINVAL,
			    "disk: id \"%s\" is that of another", d.id);
	}
	c->disks[c->disk_count++] = d;
	return 0;
}

static int
add_network(struct config *c, const char *value, struct err *e)
{
	struct config_network n;

	if (config_network_parse(value, &n, e) < 0)
		return -1;
	if (c->network_count == CONFIG_NETWORKS_MAX)
		return err_set(e, EINVAL, "network: there are more than %d",
		    CONFIG_NETWORKS_MAX);
	for (unsigned i = 0; n.has_mac && i < c->network_count; i++)
		if (c->networks[i].has_mac && memcmp(n.mac,
		    c->networks[i].mac, CONFIG_MAC_SIZE) == 0)
			return err_set(e, EINVAL,
			    "network: its mac is that of another");
	c->networks[c->network_count++] = n;
	return 0;
}

static int
add_channel(struct config *c, const char *value, struct err *e)
{
	char name[CONFIG_CHANNEL_NAME_MAX], other[CONFIG_CHANNEL_NAME_MAX];
	char instance[CONFIG_GUID_MAX], taken[CONFIG_GUID_MAX];
	struct config_channel n;

	if (config_channel_parse(value, &n, e) < 0)
		return -1;
	if (c->channel_count == CONFIG_CHANNELS_MAX)
		return err_set(e, EINVAL, "channel: there are more than %d",
		    CONFIG_CHANNELS_MAX);
	config_channel_name(&n, c->channel_count, name);
	config_channel_instance(&n, c->channel_count, instance);
	for (unsigned i = 0; i < c->channel_count; i++) {
		config_channel_name(&c->channels[i], i, other);
		config_channel_instance(&c->channels[i], i, taken);
		if (strcmp(name, other) == 0)
			return err_set(e, EINVAL,
			    "channel: name \"%s\" is that of another", name);
		if (strcmp(instance, taken) == 0)
			return err_set(e, EINVAL,
			    "channel: instance %s is that of another",
			    instance);
	}
	c->channels[c->channel_count++] = n;
	return 0;
}

/* A value ends up on a line of its own that is trimmed when it is read. */
static int
check_text(const char *key, const char *value, struct err *e)
{
	size_t n = strlen(value);

	for (size_t i = 0; i < n; i++)
		if ((unsigned char)value[i] < 0x20 || value[i] == 0x7f)
			return err_set(e, EINVAL,
			    "%s: contains a control character (0x%02x)", key,
			    (unsigned char)value[i]);
	if (n > 0 && (value[0] == ' ' || value[n - 1] == ' '))
		return err_set(e, EINVAL,
		    "%s: begins or ends with a space", key);
	return 0;
}

int
config_set(struct config *c, enum config_key_id id, const char *value,
    struct err *e)
{
	if (check_text(config_key_names[id], value, e) < 0)
		return -1;
	switch (id) {
	case CONFIG_KEY_CPUS:
		return set_cpus(c, value, e);
	case CONFIG_KEY_MEMORY:
		return set_memory(&c->memory, "memory", value, e);
	case CONFIG_KEY_MEMORY_MIN:
		return set_memory(&c->memory_min, "memory-min", value, e);
	case CONFIG_KEY_MEMORY_MAX:
		return set_memory(&c->memory_max, "memory-max", value, e);
	case CONFIG_KEY_KERNEL:
		return set_path(c->kernel, "kernel", value, e);
	case CONFIG_KEY_INITRD:
		return set_initrd(c, value, e);
	case CONFIG_KEY_CMDLINE:
		return set_cmdline(c, value, e);
	case CONFIG_KEY_CONSOLE:
		return set_console(c, value, e);
	case CONFIG_KEY_START_AT_BOOT:
		return set_choice(&c->start_at_boot, "start-at-boot", value,
		    e);
	case CONFIG_KEY_INTEGRATION:
		return set_choice(&c->integration, "integration", value, e);
	case CONFIG_KEY_SOCKETS:
		return set_choice(&c->sockets, "sockets", value, e);
	case CONFIG_KEY_KEYBOARD:
		return set_choice(&c->keyboard, "keyboard", value, e);
	case CONFIG_KEY_DISK:
		return add_disk(c, value, e);
	case CONFIG_KEY_NETWORK:
		return add_network(c, value, e);
	case CONFIG_KEY_CHANNEL:
		return add_channel(c, value, e);
	case CONFIG_KEYS:
		break;
	}
	return err_set(e, EINVAL, "no such key");
}

uint64_t
config_memory_most(const struct config *c)
{
	return c->memory_max != 0 ? c->memory_max : c->memory;
}

int
config_check(const struct config *c, struct err *e)
{
	char memory[SIZE_TEXT_MAX], limit[SIZE_TEXT_MAX];

	size_format(c->memory, memory);
	if (c->memory_min > c->memory) {
		size_format(c->memory_min, limit);
		return err_set(e, EINVAL,
		    "memory-min: %s is more than memory, %s", limit, memory);
	}
	if (config_memory_most(c) < c->memory) {
		size_format(c->memory_max, limit);
		return err_set(e, EINVAL,
		    "memory-max: %s is less than memory, %s", limit, memory);
	}
	return 0;
}

/* A limit that was not said has no line. */
static size_t
limit_format(const char *key, uint64_t bytes, char *out, size_t size)
{
	char text[SIZE_TEXT_MAX];

	if (bytes == 0)
		return 0;
	size_format(bytes, text);
	return (size_t)snprintf(out, size, "%s = %s\n", key, text);
}

static size_t
disks_format(const struct config *c, char *out, size_t size)
{
	size_t at = 0;

	for (unsigned i = 0; i < c->disk_count; i++) {
		char text[CONFIG_DISK_TEXT_MAX];

		config_disk_print(&c->disks[i], text);
		at += (size_t)snprintf(out + at, size - at, "disk = %s\n",
		    text);
	}
	return at;
}

static size_t
networks_format(const struct config *c, char *out, size_t size)
{
	size_t at = 0;

	for (unsigned i = 0; i < c->network_count; i++) {
		char text[CONFIG_NETWORK_TEXT_MAX];

		config_network_print(&c->networks[i], text);
		at += (size_t)snprintf(out + at, size - at, "network = %s\n",
		    text);
	}
	return at;
}

/* A partition that boots from its disk says neither. */
static int
files_format(const struct config *c, char *out, size_t size)
{
	if (c->from_disk)
		return snprintf(out, size, "%s", "");
	return snprintf(out, size, "kernel = %s\ninitrd = %s\n", c->kernel,
	    c->initrd[0] != '\0' ? c->initrd : "none");
}

static size_t
channels_format(const struct config *c, char *out, size_t size)
{
	size_t at = 0;

	for (unsigned i = 0; i < c->channel_count; i++) {
		char text[CONFIG_CHANNEL_TEXT_MAX];

		config_channel_print(&c->channels[i], text);
		at += (size_t)snprintf(out + at, size - at, "channel = %s\n",
		    text);
	}
	return at;
}

size_t
config_format(const struct config *c, char out[CONFIG_TEXT_MAX])
{
	char memory[SIZE_TEXT_MAX];
	size_t len;
	int n;

	size_format(c->memory, memory);
	n = snprintf(out, CONFIG_TEXT_MAX,
	    "# A partition of Mullion; what may be said here: man mullion\n"
	    "cpus = %u\n"
	    "memory = %s\n",
	    c->cpus, memory);
	len = (size_t)n;
	len += (size_t)files_format(c, out + len, CONFIG_TEXT_MAX - len);
	n = snprintf(out + len, CONFIG_TEXT_MAX - len,
	    "cmdline = %s\n"
	    "console = %s\n"
	    "start-at-boot = %s\n"
	    "%s%s%s",
	    c->cmdline,
	    config_console_name(c->console),
	    c->start_at_boot ? "yes" : "no",
	    c->integration ? "" : "integration = no\n",
	    c->sockets ? "" : "sockets = no\n",
	    c->keyboard ? "keyboard = yes\n" : "");
	len += (size_t)n;
	len += limit_format("memory-min", c->memory_min, out + len,
	    CONFIG_TEXT_MAX - len);
	len += limit_format("memory-max", c->memory_max, out + len,
	    CONFIG_TEXT_MAX - len);
	len += disks_format(c, out + len, CONFIG_TEXT_MAX - len);
	len += networks_format(c, out + len, CONFIG_TEXT_MAX - len);
	return len + channels_format(c, out + len, CONFIG_TEXT_MAX - len);
}
