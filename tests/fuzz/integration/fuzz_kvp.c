/* SPDX-License-Identifier: Apache-2.0 */
/* Plays guests of any kind to key-value pairs. */
#include <assert.h>
#include <string.h>

#include "integration/kvp.h"
#include "player.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct kvp k;

static void
act(struct ic *ic, uint8_t choice, uint64_t now)
{
	const struct kvp_entry entry = {
		.pool = choice / 8 % 3, .key = "key", .value = "value",
	};
	struct err e = { 0 };
	int ret;

	(void)ic;
	switch (choice % 5) {
	case 0:
		ret = kvp_get(&k, &entry, now, &e);
		break;
	case 1:
		ret = kvp_set(&k, &entry, now, &e);
		break;
	case 2:
		ret = kvp_delete(&k, &entry, now, &e);
		break;
	case 3:
		ret = kvp_get_ip(&k, "00:15:5D:00:00:01", now, &e);
		break;
	default:
		ret = kvp_report(&k, &e);
		break;
	}
	assert(ret == 0 || e.text[0] != '\0');
}

static void
check(struct ic *ic)
{
	char os[3 * FACTS_TEXT_MAX];

	facts_os(&k.facts, os);
	assert(k.facts.address_count <= FACTS_ADDRESSES_MAX);
	assert(memchr(k.job.value, '\0', sizeof(k.job.value)) != NULL);
	assert(!k.job_outstanding || ic->waiting);
	assert(k.job.state != KVP_JOB_SENT || (ic->waiting && !ic->late));
}

static const struct player_ops ops = { act, check };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	kvp_init(&k);
	play(&k.ic, &ops, data, size);
	return 0;
}
