/* SPDX-License-Identifier: Apache-2.0 */
/* The queue of outgoing messages. */
#include "vmbus/message_queue.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

bool
message_queue_init(struct message_queue *q)
{
	*q = (struct message_queue){ .sint = 0 };
	q->messages = calloc(MESSAGE_QUEUE_ROOM, sizeof(q->messages[0]));
	return q->messages != NULL;
}

void
message_queue_destroy(struct message_queue *q)
{
	free(q->messages);
	q->messages = NULL;
}

void
message_queue_aim(struct message_queue *q, uint32_t vp, uint8_t sint)
{
	q->first = 0;
	q->count = 0;
	q->vp = vp;
	q->sint = sint;
	q->busy = false;
}

void
message_queue_add(struct message_queue *q, const void *message, size_t len)
{
	struct queued_message *m;

	assert(q->count < MESSAGE_QUEUE_ROOM && len <= sizeof(m->bytes));
	m = &q->messages[(q->first + q->count) % MESSAGE_QUEUE_ROOM];
	m->len = (uint8_t)len;
	memcpy(m->bytes, message, len);
	q->count++;
}

void
message_queue_flush(struct message_queue *q, const struct server_ops *ops,
    void *ctx)
{
	if (q->flushing || q->busy)
		return;
	q->flushing = true;
	while (q->count > 0) {
		const struct queued_message *m = &q->messages[q->first];

		if (ops->post(ctx, q->vp, q->sint, m->bytes, m->len) ==
		    SERVER_BUSY) {
			q->busy = true;
			break;
		}
		q->first = (q->first + 1) % MESSAGE_QUEUE_ROOM;
		q->count--;
	}
	/* Memory that was touched once is used again. */
	if (q->count == 0)
		q->first = 0;
	q->flushing = false;
}
