/* SPDX-License-Identifier: Apache-2.0 */
/* Looks in any frame for what it says of addresses. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
look(const uint8_t *head, size_t len)
{
	uint8_t address[ADDRESS_SIZE] = { 0 };
	struct frame f;

	frame_parse(head, len, &f);
	/* What is believed of the guest is not what is dropped. */
	if (address_sent(head, len, guest_mac, address))
		assert(!address_feigned(head, len, guest_mac));
	/* What would be believed is dropped where a guest sends it. */
	if (address_received(head, len, &f, guest_mac, guest_server, address))
		assert(address_feigned(head, len, guest_mac));
	/* What is cut off is not believed more than the whole. */
	if (address_feigned(head, len, guest_mac))
		for (size_t cut = len > 64 ? len - 64 : 0; cut < len; cut++)
			if (!address_feigned(head, cut, guest_mac))
				abort();
}

/* A copy of its own size, so that what is read behind it is seen. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len = size < FRAME_HEAD_MAX ? size : FRAME_HEAD_MAX;
	uint8_t *head = malloc(len + 1);

	assert(head != NULL);
	memcpy(head, data, len);
	head = realloc(head, len > 0 ? len : 1);
	assert(head != NULL);
	if (len >= FRAME_HEADER)
		look(head, len);
	free(head);
	return 0;
}
