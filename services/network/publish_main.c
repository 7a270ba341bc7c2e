/* SPDX-License-Identifier: Apache-2.0 */
/* mullion-publish: has packets to published ports find the guest, or not. */
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "manager/file.h"
#include "manager/name.h"
#include "manager/publish.h"
#include "manager/site.h"

#define NFT "/usr/sbin/nft -f -"

static const struct site here = { .root = "" };

/* Only a neighbour on the bridge, who is not the parent itself. */
static bool
is_neighbour(const struct ifaddrs *all, const char *bridge,
    const uint8_t address[4])
{
	bool found = false;
	in_addr_t guest;

	memcpy(&guest, address, sizeof(guest));
	for (const struct ifaddrs *i = all; i != NULL; i = i->ifa_next) {
		in_addr_t own, mask;

		if (i->ifa_addr == NULL || i->ifa_netmask == NULL ||
		    i->ifa_addr->sa_family != AF_INET)
			continue;
		own = ((const struct sockaddr_in *)
		    (const void *)i->ifa_addr)->sin_addr.s_addr;
		mask = ((const struct sockaddr_in *)
		    (const void *)i->ifa_netmask)->sin_addr.s_addr;
		if (own == guest)
			return false;
		if (strcmp(i->ifa_name, bridge) == 0 &&
		    (own & mask) == (guest & mask) && (guest | mask) !=
		    UINT32_MAX)
			found = true;
	}
	return found;
}

static void
strangers_drop(const struct config *c,
    struct publish_state s[CONFIG_NETWORKS_MAX])
{
	struct ifaddrs *all = NULL;

	if (getifaddrs(&all) < 0)
		all = NULL;
	for (unsigned i = 0; i < c->network_count; i++)
		if (!is_neighbour(all, config_network_device(&c->networks[i]),
		    s[i].address))
			memset(s[i].address, 0, sizeof(s[i].address));
	freeifaddrs(all);
}

static int
nft_tell(const char *rules, struct err *e)
{
	FILE *nft = popen(NFT, "we");
	int status;

	if (nft == NULL)
		return err_set(e, errno, NFT ": %s", strerror(errno));
	fputs(rules, nft);
	status = pclose(nft);
	if (status < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(e, EIO, NFT " has failed");
	return 0;
}

static int
rules_tell(const char *name, const struct config *c,
    const struct publish_state *states, struct err *e)
{
	char rules[PUBLISH_RULES_MAX];

	publish_rules(name, c, states, rules);
	return nft_tell(rules, e);
}

static int
publish(const char *name, struct err *e)
{
	static struct config config;
	struct publish_state states[CONFIG_NETWORKS_MAX];
	char path[SITE_PATH_MAX], text[PUBLISH_FILE_SIZE + 1];
	size_t len;

	site_config(&here, name, path);
	if (config_load(path, &config, e) < 0)
		return -1;
	site_runtime(&here, name, PUBLISH_FILE, path);
	/* It is gone: the partition has ended meanwhile. */
	if (access(path, F_OK) < 0)
		return 0;
	if (file_read(path, text, sizeof(text), &len, e) < 0)
		return -1;
	/* Empty before the first address is known. */
	if (!publish_parse(text, len, states) && len != 0)
		return err_set(e, EPROTO, "%s: not understood", path);
	strangers_drop(&config, states);
	if (rules_tell(name, &config, states, e) < 0)
		return -1;
	/* Who removes the file takes the rules back, maybe before these. */
	return access(path, F_OK) == 0 ? 0 : rules_tell(name, NULL, NULL, e);
}

/* Nothing was published where there is no file. */
static int
withdraw(const char *name, struct err *e)
{
	char path[SITE_PATH_MAX];

	site_runtime(&here, name, PUBLISH_FILE, path);
	if (unlink(path) == 0)
		return rules_tell(name, NULL, NULL, e);
	return errno == ENOENT ? 0 :
	    err_set(e, errno, "%s: %s", path, strerror(errno));
}

int
main(int argc, char **argv)
{
	bool remove = argc == 3 && strcmp(argv[1], "--remove") == 0;
	struct err e = { .code = 0 };

	if (argc != 2 && !remove) {
		fputs("usage: mullion-publish [--remove] NAME\n", stderr);
		return EXIT_FAILURE;
	}
	if (name_check(argv[argc - 1], &e) < 0 ||
	    (remove ? withdraw(argv[2], &e) : publish(argv[1], &e)) < 0) {
		fprintf(stderr, "mullion-publish: %s\n", e.text);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
