/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for vmbus/provider.c, offer.c and channel.c. */
#include "endless.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmbus/provider.h"

#define PACKETS_MAX 1000u

/* There is one of each. */
struct provider {
	const struct provider_ops *ops;
	void *ctx;
	struct provider_memory_answer answer;	/* that is due */
};
struct offer {
	const struct offer_ops *ops;
	void *ctx;
};
struct channel {
	unsigned taken;
	unsigned resumed;
};

static struct provider provider;
static struct offer offer;
static struct channel channel;

struct provider *
provider_connect(sd_event *event, const char *run_dir,
    enum provider_kind kind, const struct provider_ops *ops, void *ctx,
    struct err *e)
{
	(void)event;
	(void)run_dir;
	(void)kind;
	(void)e;
	provider = (struct provider){ .ops = ops, .ctx = ctx };
	return &provider;
}

void
provider_destroy(struct provider *p)
{
	(void)p;
}

int
provider_sandbox(struct provider *p, const int *calls, size_t count,
    struct err *e)
{
	(void)p;
	(void)calls;
	(void)count;
	(void)e;
	return 0;
}

void
provider_ask_memory(struct provider *p,
    const struct provider_memory_request *request)
{
	p->answer = (struct provider_memory_answer){ .op = request->op,
		.epoch = request->epoch, .present = 1 };
}

uint64_t
provider_memory_resident(const struct provider *p)
{
	(void)p;
	return 0;
}

struct offer *
provider_offer(struct provider *p, const struct offer_setup *setup,
    const struct offer_ops *ops, void *ctx, struct err *e)
{
	(void)p;
	(void)setup;
	(void)e;
	offer = (struct offer){ ops, ctx };
	return &offer;
}

void
offer_closed(struct offer *o)
{
	(void)o;
}

struct channel *
offer_channel(const struct offer *o)
{
	(void)o;
	return &channel;
}

enum channel_result
channel_receive(struct channel *c, struct packet *p)
{
	if (++c->taken > PACKETS_MAX)
		return CHANNEL_EMPTY;
	*p = (struct packet){ .type = PACKET_COMPLETION };
	return CHANNEL_OK;
}

enum channel_result
channel_send_in_band(struct channel *c, uint64_t transaction_id,
    bool wants_completion, const void *payload, size_t len)
{
	(void)c;
	(void)transaction_id;
	(void)wants_completion;
	(void)payload;
	(void)len;
	return CHANNEL_OK;
}

void
channel_flush(struct channel *c)
{
	(void)c;
}

void
channel_resume(struct channel *c)
{
	c->resumed++;
}

void
endless_begin(sd_event **event, char dir[static 32])
{
	strcpy(dir, "/tmp/mullion-turns-XXXXXX");
	cr_assert_not_null(mkdtemp(dir));
	cr_assert_geq(sd_event_new(event), 0);
}

void
endless_open(void)
{
	static const uint8_t user_data[MESSAGE_USER_DATA];
	struct err e;

	if (provider.answer.op != 0)
		provider.ops->memory(provider.ctx, &provider.answer);
	cr_assert_eq(offer.ops->open(offer.ctx, &channel, user_data, &e), 0);
}

void
endless_turn(void)
{
	unsigned before = channel.taken;

	channel.resumed = 0;
	offer.ops->receive(offer.ctx, &channel);
	cr_expect_gt(channel.taken, before);
	cr_expect_leq(channel.taken, PACKETS_MAX, "it never comes to an end");
	cr_expect_eq(channel.resumed, 1);
}

void
endless_end(sd_event *event, const char *dir, const char *name)
{
	char path[64];

	sd_event_unref(event);
	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
	rmdir(dir);
}
