/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of commands; help, dispatch and completion follow from it. */
#include "cli/commands.h"

#include <string.h>

const struct option_spec option_table[OPTIONS] = {
	[OPTION_CPUS] = { "cpus", 'c', "N", "virtual processors (1)" },
	[OPTION_MEMORY] = { "memory", 'm', "SIZE", "like 256M or 2G (256M)" },
	[OPTION_MEMORY_MIN] = { "memory-min", 0, "SIZE",
	    "the least it can be set to while it runs" },
	[OPTION_MEMORY_MAX] = { "memory-max", 0, "SIZE",
	    "the most likewise (as much as --memory)" },
	[OPTION_KERNEL] = { "kernel", 'k', "FILE",
	    "bzImage or ELF file (the one that came with us)" },
	[OPTION_INITRD] = { "initrd", 'i', "FILE",
	    "the first file system, or \"none\"" },
	[OPTION_CMDLINE] = { "cmdline", 'a', "TEXT",
	    "the kernel's command line (console=ttyS0)" },
	[OPTION_CONSOLE] = { "console", 0, "serial|none",
	    "whether it has one (serial)" },
	[OPTION_START_AT_BOOT] = { "start-at-boot", 'b', NULL,
	    "start it whenever the parent boots" },
	[OPTION_INTEGRATION] = { "integration", 0, "yes|no",
	    "heartbeat, shutdown and the like (yes)" },
	[OPTION_SOCKETS] = { "sockets", 0, "yes|no",
	    "sockets between its guest and the parent (yes)" },
	[OPTION_KEYBOARD] = { "keyboard", 0, "yes|no",
	    "a keyboard, for send-key (no)" },
	[OPTION_DISK] = { "disk", 'd', "FILE[,...]",
	    "a disk image; man mullion has its options" },
	[OPTION_NETWORK] = { "network", 'n', "BRIDGE[,...]",
	    "an adapter on a bridge, or on \"default\"" },
	[OPTION_CHANNEL] = { "channel", 0, "CLASS[,...]",
	    "a raw channel of a class, a GUID" },
	[OPTION_SIZE] = { "size", 's', "SIZE", "like 512M or 8G" },
	[OPTION_FROM] = { "from", 0, "FILE",
	    "an image by name (debian-13) or path; a folder" },
	[OPTION_FORMAT] = { "format", 0, "raw|qcow2",
	    "what the file holds (by its name)" },
	[OPTION_ATTACH] = { "attach", 'a', NULL, "then attach its console" },
	[OPTION_TIMEOUT] = { "timeout", 't', "SECONDS",
	    "wait at most as long for its end (60)" },
	[OPTION_FORCE] = { "force", 'f', NULL, "kill it first if it runs" },
	[OPTION_FOLLOW] = { "follow", 'f', NULL, "go on as more is written" },
	[OPTION_LINES] = { "lines", 'n', "N", "only the last N lines" },
	[OPTION_OVERWRITE] = { "overwrite", 'o', NULL,
	    "also if the guest has such a file" },
	[OPTION_PARENTS] = { "parents", 'p', NULL,
	    "create the folders that are not there" },
	[OPTION_SECONDS] = { "seconds", 's', "N",
	    "thaw by itself after so long (60)" },
	[OPTION_JSON] = { "json", 'j', NULL, "write JSON, for programs" },
	[OPTION_LINK] = { "link", 0, "up|down",
	    "plug the cable in, or pull it" },
	[OPTION_ROOT] = { "root", 0, "DIR",
	    "take DIR for the root folder (for tests)" },
	[OPTION_HELP] = { "help", 'h', NULL, "say how to use the command" },
};

#define CREATE_OPTIONS \
	(OPTION_BIT(OPTION_CPUS) | OPTION_BIT(OPTION_MEMORY) | \
	    OPTION_BIT(OPTION_MEMORY_MIN) | OPTION_BIT(OPTION_MEMORY_MAX) | \
	    OPTION_BIT(OPTION_KERNEL) | OPTION_BIT(OPTION_INITRD) | \
	    OPTION_BIT(OPTION_CMDLINE) | OPTION_BIT(OPTION_CONSOLE) | \
	    OPTION_BIT(OPTION_START_AT_BOOT) | \
	    OPTION_BIT(OPTION_INTEGRATION) | OPTION_BIT(OPTION_SOCKETS) | \
	    OPTION_BIT(OPTION_KEYBOARD) | OPTION_BIT(OPTION_DISK) | \
	    OPTION_BIT(OPTION_NETWORK) | OPTION_BIT(OPTION_CHANNEL))

const struct command command_table[] = {
	{ "list", ARITY_NONE, OPTION_BIT(OPTION_JSON),
	    "show all partitions and their states", "", cmd_list },
	{ "create", ARITY_ONE, CREATE_OPTIONS,
	    "define a partition",
	    "Writes /etc/mullion/partitions/NAME.conf. Beside a --kernel "
	    "there is no initrd\nunless --initrd names one.\n", cmd_create },
	{ "start", ARITY_MANY, OPTION_BIT(OPTION_ATTACH),
	    "start partitions", "", cmd_start },
	{ "console", ARITY_ONE, 0,
	    "attach to the console of a running partition",
	    "What was written so far comes first. Ctrl-] detaches.\n",
	    cmd_console },
	{ "connect", ARITY_CONNECT, 0,
	    "join input and output to a socket of the guest",
	    "PORT is one of AF_VSOCK that a program of the guest listens "
	    "on. Ends when both\nsides have, or when the guest has and the "
	    "input is a terminal.\n", cmd_connect },
	{ "info", ARITY_ONE, OPTION_BIT(OPTION_JSON),
	    "show what a partition is and does", "", cmd_info },
	{ "log", ARITY_ONE,
	    OPTION_BIT(OPTION_FOLLOW) | OPTION_BIT(OPTION_LINES),
	    "show the kept output of a console",
	    "Also of partitions that have ended.\n", cmd_log },
	{ "stats", ARITY_ONE, OPTION_BIT(OPTION_JSON),
	    "show run time, exits, hypercalls and memory", "", cmd_stats },
	{ "pause", ARITY_MANY, 0, "halt the processors of partitions", "",
	    cmd_pause },
	{ "resume", ARITY_MANY, 0, "let paused partitions go on", "",
	    cmd_resume },
	{ "stop", ARITY_MANY, OPTION_BIT(OPTION_TIMEOUT),
	    "have the guests shut down, and wait for it",
	    "Asks the guest's shutdown service, or presses the power button "
	    "where there is\nnone. Where the guest does not heed either, only "
	    "kill helps.\n", cmd_stop },
	{ "restart", ARITY_MANY, 0, "have the guests restart themselves",
	    "Needs the guest's shutdown service.\n", cmd_restart },
	{ "kill", ARITY_MANY, 0, "end partitions at once",
	    "The guest is not asked: what it had not written is lost.\n",
	    cmd_kill },
	{ "copy", ARITY_COPY,
	    OPTION_BIT(OPTION_OVERWRITE) | OPTION_BIT(OPTION_PARENTS),
	    "copy a file into a running guest",
	    "Needs the guest's daemon for it. PATH is absolute and names the "
	    "file itself.\n", cmd_copy },
	{ "freeze", ARITY_ONE, OPTION_BIT(OPTION_SECONDS),
	    "freeze the guest's file systems, to copy its disks",
	    "Needs the guest's daemon for it. Only when thaw says so was the "
	    "guest frozen\nall the time.\n", cmd_freeze },
	{ "thaw", ARITY_ONE, 0, "thaw the guest's file systems",
	    "Fails if they were not frozen until now: what was copied is "
	    "worth nothing then.\n", cmd_thaw },
	{ "set", ARITY_ONE, OPTION_BIT(OPTION_MEMORY),
	    "change the memory of a running partition",
	    "From memory-min to memory-max of its file. The guest gives up "
	    "only what it can\ndo without. mullion edit changes what it has "
	    "the next time.\n", cmd_set },
	{ "channel list", ARITY_ONE, OPTION_BIT(OPTION_JSON),
	    "show the open VMBus channels of a running partition",
	    "With how full their rings are, and what has passed since they "
	    "were opened.\nA ring whose fill is \"broken\" was spoilt by the "
	    "guest.\n", cmd_channel_list },
	{ "send-key", ARITY_KEYS, 0,
	    "press keys of the partition's keyboard",
	    "Keys that are down at once are joined by -, as in "
	    "ctrl-alt-del.\n", cmd_send_key },
	{ "disk list", ARITY_ONE, OPTION_BIT(OPTION_JSON),
	    "show the disks of a running partition", "", cmd_disk_list },
	{ "disk attach", ARITY_DISK, 0,
	    "give a running partition one more disk",
	    "FILE is as with --disk of create. With a line disk = FILE in the "
	    "partition's\nfile it has it the next time, too: see mullion "
	    "edit.\n", cmd_disk_attach },
	{ "disk detach", ARITY_LUN, 0,
	    "take a disk from a running partition",
	    "Unmount it in the guest first. disk list has the numbers.\n",
	    cmd_disk_detach },
	{ "disk resize", ARITY_LUN, OPTION_BIT(OPTION_SIZE),
	    "change the size of a running partition's disk",
	    "Without --size, the guest is only told to look at it again. What "
	    "is in qcow2\nneeds it, and grows while the guest waits a "
	    "moment.\n",
	    cmd_disk_resize },
	{ "disk create", ARITY_FILE,
	    OPTION_BIT(OPTION_SIZE) | OPTION_BIT(OPTION_FROM) |
		OPTION_BIT(OPTION_FORMAT),
	    "make a disk image, empty or from another one",
	    "It takes space only as it is written. A FILE that ends with "
	    ".qcow2 is made one,\nany other a raw image. A word after --from is "
	    "the name of an image\nthat came with us: debian-13.\n",
	    cmd_disk_create },
	{ "disk seed", ARITY_FILE, OPTION_BIT(OPTION_FROM),
	    "make a disc with settings for a guest's cloud-init",
	    "The folder after --from has the files user-data and, if you "
	    "like, meta-data,\nnetwork-config and vendor-data. Give it to a "
	    "partition: --disk FILE,format=iso\n", cmd_disk_seed },
	{ "network list", ARITY_ONE, OPTION_BIT(OPTION_JSON),
	    "show the network adapters of a running partition", "",
	    cmd_network_list },
	{ "network attach", ARITY_NETWORK, 0,
	    "give a running partition one more network adapter",
	    "BRIDGE is as with --network of create. With a line network = "
	    "BRIDGE in the\npartition's file it has it the next time, too: "
	    "see mullion edit.\n", cmd_network_attach },
	{ "network detach", ARITY_PORT, 0,
	    "take a network adapter from a running partition",
	    "network list has the numbers.\n", cmd_network_detach },
	{ "network set", ARITY_PORT, OPTION_BIT(OPTION_LINK),
	    "plug in or pull the cable of a network adapter", "",
	    cmd_network_set },
	{ "edit", ARITY_ONE, 0, "change what a partition is",
	    "Opens $VISUAL or $EDITOR on a copy, which replaces the file "
	    "once it is right.\n", cmd_edit },
	{ "delete", ARITY_MANY, OPTION_BIT(OPTION_FORCE),
	    "remove partitions and their logs", "", cmd_delete },
	{ "version", ARITY_NONE, OPTION_BIT(OPTION_JSON),
	    "show the versions of mullion and the hypervisor", "",
	    cmd_version },
	{ "help", ARITY_TOPIC, 0, "say how to use mullion or a command", "",
	    cmd_help },
};

const size_t command_count = sizeof(command_table) / sizeof(command_table[0]);

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (strcmp(command_table[i].name, name) == 0)
			return &command_table[i];
	return NULL;
}

bool
command_in_group(const struct command *c, const char *word)
{
	size_t len = strlen(word);

	return strncmp(c->name, word, len) == 0 && c->name[len] == ' ';
}

bool
command_is_group(const char *word)
{
	for (size_t i = 0; i < command_count; i++)
		if (command_in_group(&command_table[i], word))
			return true;
	return false;
}
