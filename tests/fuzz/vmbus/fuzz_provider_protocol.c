/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds messages between workers and providers, from either side. */
#include <assert.h>
#include <string.h>

#include "vmbus/provider_link.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The ranges end where the message does. */
static void
ranges_read(const uint8_t *message, size_t len, size_t size, size_t count_at)
{
	uint32_t count;

	memcpy(&count, message + count_at, sizeof(count));
	assert(count <= PROVIDER_MEMORY_RANGES_MAX);
	assert(len == size + count * sizeof(struct provider_memory_range));
}

/* Whoever trusts the check reads this far. */
static void
message_read(const uint8_t *message, size_t len)
{
	struct provider_gpadl_add m;
	uint64_t pfn;

	memcpy(&m, message, sizeof(m.head));
	assert(m.head.size == len);
	if (m.head.type == PROVIDER_MEMORY_REQUEST)
		ranges_read(message, len,
		    sizeof(struct provider_memory_request),
		    offsetof(struct provider_memory_request, range_count));
	if (m.head.type == PROVIDER_MEMORY_ANSWER)
		ranges_read(message, len,
		    sizeof(struct provider_memory_answer),
		    offsetof(struct provider_memory_answer, range_count));
	if (m.head.type != PROVIDER_GPADL_ADD)
		return;
	memcpy(&m, message, sizeof(m));
	assert(m.page_count <= GPADL_PAGES_MAX);
	memcpy(&pfn, message + sizeof(m) + (m.page_count - 1) * sizeof(pfn),
	    sizeof(pfn));
	assert((uint64_t)m.byte_offset + m.byte_count <=
	    (uint64_t)m.page_count * MEMORY_PAGE);
}

/* The first byte says who sends, and how many descriptors. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum provider_sender sender;

	if (size == 0)
		return 0;
	sender = data[0] % 2 == 0 ? PROVIDER_SENDER_PROVIDER :
	    PROVIDER_SENDER_WORKER;
	if (provider_message_check(data + 1, size - 1, data[0] / 2 % 4,
	    sender))
		message_read(data + 1, size - 1);
	return 0;
}
