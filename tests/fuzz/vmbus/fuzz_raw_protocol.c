/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds packets of a raw channel's socket, from either side. */
#include <assert.h>
#include <string.h>

#include "vmbus/raw/raw_protocol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says who sends, and how many descriptors. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enum raw_sender sender;
	struct raw_message m;
	unsigned fds;

	if (size == 0)
		return 0;
	sender = data[0] % 2 == 0 ? RAW_SENDER_PROVIDER : RAW_SENDER_HOLDER;
	fds = data[0] / 2 % 8;
	if (!raw_message_check(data + 1, size - 1, fds, sender))
		return 0;
	assert(size - 1 == sizeof(m));
	memcpy(&m, data + 1, sizeof(m));
	assert((m.type == RAW_OPEN) == (fds == RAW_FDS));
	assert((m.type == RAW_CLOSED) == (sender == RAW_SENDER_HOLDER));
	return 0;
}
