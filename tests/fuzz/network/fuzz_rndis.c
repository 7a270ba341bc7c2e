/* SPDX-License-Identifier: Apache-2.0 */
/* Sends any bytes as RNDIS messages, control and data. */
#include <string.h>

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first bytes say how the others travel. */
struct way {
	uint8_t channel;
	uint8_t queue;
	uint16_t in_section;
};

static void
control_send(struct guest *g, const uint8_t *bytes, size_t len)
{
	uint8_t reply[CONTROL_REPLY_MAX];

	guest_control(g, bytes, len, reply, sizeof(reply));
}

static void
data_send(struct guest *g, const struct way *w, const uint8_t *bytes,
    size_t len)
{
	size_t in_section = w->in_section < len ? w->in_section : len;
	unsigned queue = w->queue % 4;

	if (!g->adapter.queues[queue].open)
		adapter_opened(&g->adapter, queue);
	guest_send(g, queue, bytes, len, w->queue % 8 == 0 ?
	    NVSP_NO_SECTION : w->queue % 16u, w->queue % 8 == 0 ? 0 :
	    in_section);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct guest *g;
	struct way w;

	if (size < sizeof(w))
		return 0;
	memcpy(&w, data, sizeof(w));
	data += sizeof(w);
	size -= sizeof(w);
	g = guest_create(4, 0, false);
	guest_start(g, NVSP_VERSION_61);
	if (w.channel % 2 == 0)
		data_send(g, &w, data, size);
	else
		control_send(g, data, size);
	adapter_check(g);
	guest_destroy(g);
	return 0;
}
