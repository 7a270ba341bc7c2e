/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of a partition, and the text file that holds it. */
#ifndef MULLION_MANAGER_CONFIG_H
#define MULLION_MANAGER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "manager/config_channel.h"
#include "manager/config_disk.h"
#include "manager/config_network.h"
#include "manager/err.h"

#define CONFIG_PATH_MAX 1024	/* with the final NUL */
#define CONFIG_CMDLINE_MAX 2048 /* with the final NUL; Linux takes no more */
#define CONFIG_TEXT_MAX 32768	/* the largest file that is looked at */

#define CONFIG_CPUS_MAX 64
#define CONFIG_DISKS_MAX 16
#define CONFIG_NETWORKS_MAX 8
#define CONFIG_CHANNELS_MAX 16
#define CONFIG_MEMORY_MIN (UINT64_C(4) << 20)
#define CONFIG_MEMORY_MAX (UINT64_C(4) << 40)
#define CONFIG_MEMORY_STEP (UINT64_C(2) << 20) /* so that large pages fit */

#define CONFIG_DEFAULT_KERNEL "/usr/share/mullion/child/vmlinuz"
#define CONFIG_DEFAULT_INITRD "/usr/share/mullion/child/initrd"
#define CONFIG_LOADER_KERNEL "/usr/share/mullion/disk-loader/vmlinuz"
#define CONFIG_LOADER_INITRD "/usr/share/mullion/disk-loader/initrd"
#define CONFIG_DEFAULT_CMDLINE "console=ttyS0"

enum config_console {
	CONFIG_CONSOLE_SERIAL,
	CONFIG_CONSOLE_NONE,
};

struct config {
	unsigned cpus;
	uint64_t memory;		  /* bytes, when it starts */
	uint64_t memory_min;		  /* while it runs; 0: any */
	uint64_t memory_max;		  /* likewise; 0: @memory */
	bool from_disk;			  /* the two files are our disk loader */
	char kernel[CONFIG_PATH_MAX];	  /* absolute */
	char initrd[CONFIG_PATH_MAX];	  /* absolute, or empty: none */
	char cmdline[CONFIG_CMDLINE_MAX]; /* may be empty */
	enum config_console console;
	bool start_at_boot;
	bool integration; /* heartbeat, shutdown and the like */
	bool sockets;	  /* from and to programs of the parent */
	bool keyboard;	  /* whose keys mullion send-key presses */
	unsigned disk_count;
	struct config_disk disks[CONFIG_DISKS_MAX]; /* in the file's order */
	unsigned network_count;
	struct config_network networks[CONFIG_NETWORKS_MAX]; /* likewise */
	unsigned channel_count;
	struct config_channel channels[CONFIG_CHANNELS_MAX]; /* likewise */
};

/* The keys of the file, which are also the options of `mullion create`. */
enum config_key_id {
	CONFIG_KEY_CPUS,
	CONFIG_KEY_MEMORY,
	CONFIG_KEY_MEMORY_MIN,
	CONFIG_KEY_MEMORY_MAX,
	CONFIG_KEY_KERNEL,
	CONFIG_KEY_INITRD,
	CONFIG_KEY_CMDLINE,
	CONFIG_KEY_CONSOLE,
	CONFIG_KEY_START_AT_BOOT,
	CONFIG_KEY_INTEGRATION,
	CONFIG_KEY_SOCKETS,
	CONFIG_KEY_KEYBOARD,
	CONFIG_KEY_DISK,
	CONFIG_KEY_NETWORK,
	CONFIG_KEY_CHANNEL,
	CONFIG_KEYS,
};

extern const char *const config_key_names[CONFIG_KEYS];

/* True for keys that may be said several times: each adds one. */
bool config_key_repeats(enum config_key_id id);

/* "serial" for CONFIG_CONSOLE_SERIAL and so on. */
const char *config_console_name(enum config_console console);

/* What a partition of which nothing is said has: 1 CPU, 256M, our kernel. */
void config_default(struct config *c);

/*
 * Set the one key @id from text, or add one where it repeats. EINVAL, with
 * what is wrong and what would be right, and *@c unchanged, when @value cannot
 * be its value.
 */
int config_set(struct config *c, enum config_key_id id, const char *value,
    struct err *e);

/* The most memory that it can have while it runs. */
uint64_t config_memory_most(const struct config *c);

/* EINVAL, with what is wrong, when keys that are right do not go together. */
int config_check(const struct config *c, struct err *e);

/*
 * Once all keys are set: choose the kernel and the initrd as far as they were
 * not @said (bits 1 << id). A named kernel comes without our initrd; without
 * either, a partition with a disk that can have a system boots from its disks.
 */
void config_settle(struct config *c, unsigned said);

/*
 * Read a whole file from memory: `key = value` lines, empty lines, lines that
 * start with #. What is not said has its default; see config_settle(). EINVAL,
 * with the line's number, on an unknown key, one wrongly said twice, a bad value
 * or a byte that is not text.
 */
int config_parse(const uint8_t *text, size_t len, struct config *c,
    struct err *e);

/*
 * Write @c as config_parse() reads it, NUL-terminated, into @out. Returns the
 * length without the NUL. Every valid configuration fits.
 */
size_t config_format(const struct config *c, char out[CONFIG_TEXT_MAX]);

/* Read the file @path; ENOENT, EINVAL and the like, with its name, if not. */
int config_load(const char *path, struct config *c, struct err *e);

/*
 * Check that kernel, initrd and what is behind the disks are there, of the
 * right kind, and can be read, and that there are the users of channels.
 */
int config_check_files(const struct config *c, struct err *e);

#endif
