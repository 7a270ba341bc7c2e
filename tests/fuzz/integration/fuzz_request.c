/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds packets to the reader of requests, and those to the desk. */
#include <assert.h>
#include <string.h>

#include "integration/desk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct services services;
static struct desk desk;

static void
clock_read(void *context, struct timesync_reading *out)
{
	(void)context;
	memset(out, 0, sizeof(*out));
}

static const struct timesync_clock test_clock = { clock_read };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	struct request r;
	size_t len;

	if (request_parse(data, size, &r, &e) < 0) {
		assert(e.code != 0 && e.text[0] != '\0');
		return 0;
	}
	assert(r.op < REQUEST_OPS && r.pool <= KVP_POOL_GUEST);
	services_init(&services, &test_clock, NULL);
	desk_init(&desk, &services, NULL);
	/* No guest: the answer is there at once. */
	len = desk_ask(&desk, 0, &r, -1, 0);
	assert(len > 0 && len == strlen(desk.reply));
	return 0;
}
