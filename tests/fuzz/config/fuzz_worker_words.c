/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds bytes to the readers of status.json and of processes' answers. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "manager/channels.h"
#include "manager/disks.h"
#include "manager/guest_status.h"
#include "manager/networks.h"
#include "manager/publish.h"
#include "manager/status.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_printable(const char *text, size_t max)
{
	assert(strlen(text) < max);
	for (; *text != '\0'; text++)
		assert(*text >= 0x20 && *text < 0x7f);
}

static void
check_disks(const uint8_t *data, size_t size)
{
	static struct disk_state disks[DISKS_MAX];
	struct err e = { 0 };
	unsigned count;

	if (disks_parse(data, size, disks, &count, &e) < 0) {
		assert(count == 0);
		return;
	}
	assert(count <= DISKS_MAX);
	for (unsigned i = 0; i < count; i++) {
		check_printable(disks[i].path, sizeof(disks[i].path));
		check_printable(disks[i].id, sizeof(disks[i].id));
	}
}

static void
check_channels(const uint8_t *data, size_t size)
{
	static struct channel_state channels[CHANNELS_MAX];
	char class[CHANNEL_CLASS_MAX];
	unsigned count = CHANNELS_MAX - 2;
	struct err e = { 0 };
	bool more;

	if (channels_parse(data, size, channels, &count, &more, &e) < 0)
		assert(count == CHANNELS_MAX - 2);
	assert(count <= CHANNELS_MAX);
	for (unsigned i = CHANNELS_MAX - 2; i < count; i++) {
		check_printable(channels[i].class_id, CHANNEL_GUID_MAX);
		check_printable(channels[i].instance_id, CHANNEL_GUID_MAX);
		channel_class_name(&channels[i], class);
		check_printable(class, sizeof(class));
	}
}

static void
check_networks(const uint8_t *data, size_t size)
{
	static struct network_state networks[CONFIG_NETWORKS_MAX];
	struct err e = { 0 };
	unsigned count;

	if (networks_parse(data, size, networks, &count, &e) < 0)
		assert(count == 0);
	assert(count <= CONFIG_NETWORKS_MAX);
	for (unsigned i = 0; i < count; i++) {
		check_printable(networks[i].bridge,
		    sizeof(networks[i].bridge));
		check_printable(networks[i].mac, sizeof(networks[i].mac));
	}
}

/* What a provider wrote becomes part of rules: nothing else may. */
static void
check_published(const uint8_t *data, size_t size)
{
	static const struct config config = {
		.network_count = 1,
		.networks = { {
			.publish_count = 1,
			.publish = { { .port = 1, .to = 2 } },
		} },
	};
	struct publish_state states[CONFIG_NETWORKS_MAX];
	char rules[PUBLISH_RULES_MAX];
	unsigned count;

	publish_parse((const char *)data, size, states);
	count = publish_rules("a", &config, states, rules);
	assert(count <= 1);
	assert(strlen(rules) < 512);
	assert((strstr(rules, "dnat to ") != NULL) == (count == 1));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct partition_stats stats;
	static struct guest_status guest;
	struct err e = { 0 };
	struct status status;

	if (status_parse(data, size, &status, &e) == 0)
		assert(status_state_name(status.state) != NULL);
	check_printable(status.reason, sizeof(status.reason));
	if (stats_parse(data, size, &stats, &e) == 0)
		assert(stats.vps <= STATUS_VPS_MAX);
	for (unsigned i = 0; i < stats.vps; i++) {
		assert(stats.vp[i].exit_kinds <= STATUS_EXITS_MAX);
		for (unsigned j = 0; j < stats.vp[i].exit_kinds; j++)
			check_printable(stats.vp[i].exits[j].name,
			    STATUS_EXIT_NAME_MAX);
	}
	if (guest_status_parse(data, size, &guest, &e) == 0)
		assert(guest.heartbeat[0] != '\0');
	assert(guest.address_count <= GUEST_ADDRESSES_MAX);
	for (unsigned i = 0; i < guest.address_count; i++)
		check_printable(guest.address[i], GUEST_ADDRESS_MAX);
	check_printable(guest.os, sizeof(guest.os));
	check_disks(data, size);
	check_channels(data, size);
	check_networks(data, size);
	check_published(data, size);
	if (reply_parse(data, size, &e) < 0)
		check_printable(e.text, sizeof(e.text));
	return 0;
}
