/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds page lists: a length byte and that much of a message, again. */
#include <assert.h>
#include <string.h>

#include "vmbus/gpadl.h"
#include "vmbus/message.h"

#define GUEST_PAGES 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t guest[GUEST_PAGES * MEMORY_PAGE];
static struct memory memory;

/* Whatever is complete must be wholly memory. */
static void
gpadl_look(const struct gpadl *g)
{
	static struct iovec iov[GPADL_PAGES_MAX];

	assert(g->pages_have == g->page_count);
	assert(gpadl_pieces(g, &memory, 0, g->byte_count, iov,
	    GPADL_PAGES_MAX) > 0);
	assert(gpadl_pieces(g, &memory, 1, g->byte_count, iov,
	    GPADL_PAGES_MAX) < 0);
}

static void
message_feed(struct gpadl_table *t, const uint8_t *message, size_t len)
{
	uint32_t count = t->count;
	enum gpadl_result result;
	struct gpadl *g;

	if (len > 0 && message[0] == MESSAGE_GPADL_HEADER)
		result = gpadl_begin(t, message, len, &memory, &g);
	else
		result = gpadl_continue(t, message, len, &memory, &g);
	if (result == GPADL_COMPLETE) {
		gpadl_look(g);
		g->state = GPADL_READY;
	} else if (result == GPADL_REFUSED && g != NULL) {
		gpadl_free(t, g);
	}
	assert(t->count <= count + 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct memory_region region = { 0, sizeof(guest), 0 };
	struct gpadl_table t = { .count = 0 };

	assert(memory_set(&memory, guest, sizeof(guest), &region, 1));
	while (size > 1) {
		size_t len = data[0];

		data++;
		size--;
		if (len > size)
			len = size;
		message_feed(&t, data, len);
		data += len;
		size -= len;
	}
	gpadl_free_all(&t);
	assert(t.count == 0 && t.total_pages == 0);
	return 0;
}
