/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for vmbus/provider.c and channel.c: keeps what it is told. */
#include "fake_provider.h"

#include <criterion/criterion.h>
#include <string.h>

struct fake_provider fake;

struct provider *
provider_connect(sd_event *event, const char *run_dir,
    enum provider_kind kind, const struct provider_ops *ops, void *ctx,
    struct err *e)
{
	(void)event;
	(void)run_dir;
	(void)e;
	cr_expect_eq(kind, PROVIDER_INTEGRATION);
	memset(&fake, 0, sizeof(fake));
	fake.ops = ops;
	fake.ctx = ctx;
	return (struct provider *)&fake;
}

void
provider_destroy(struct provider *p)
{
	cr_expect_eq(p, (struct provider *)&fake);
	fake.destroyed = true;
}

int
provider_sandbox(struct provider *p, const int *calls, size_t count,
    struct err *e)
{
	(void)p;
	(void)e;
	cr_expect_eq(fake.offers, 0, "offered before it gave up its rights");
	for (size_t i = 0; i < count; i++)
		cr_expect_geq(calls[i], 0);
	fake.sandboxed = true;
	return 0;
}

void
provider_ask_time(struct provider *p)
{
	(void)p;
	fake.times_asked++;
}

struct offer *
provider_offer(struct provider *p, const struct offer_setup *setup,
    const struct offer_ops *ops, void *ctx, struct err *e)
{
	struct offer *o = &fake.offer[fake.offers++];

	(void)p;
	(void)e;
	cr_assert_leq(fake.offers, 2 * SERVICES);
	o->ops = ops;
	o->ctx = ctx;
	o->setup = *setup;
	return o;
}

void
offer_closed(struct offer *o)
{
	o->open = false;
	o->channel.closed = true;
}

enum channel_result
channel_receive(struct channel *c, struct packet *p)
{
	static uint8_t copy[sizeof(c->answer)];

	if (c->empty > 0)
		c->empty--;
	else if (c->waiting == 0)
		return CHANNEL_EMPTY;
	memcpy(copy, c->answer, c->waiting);
	*p = (struct packet){ .type = PACKET_IN_BAND, .payload = copy,
		.payload_size = (c->waiting + 7) / 8 * 8 };
	c->waiting = 0;
	return CHANNEL_OK;
}

enum channel_result
channel_send_in_band(struct channel *c, uint64_t transaction_id,
    bool wants_completion, const void *payload, size_t len)
{
	cr_expect_eq(transaction_id, 0);
	cr_expect_not(wants_completion);
	cr_assert_leq(len, sizeof(c->packet));
	if (c->full)
		return CHANNEL_FULL;
	memcpy(c->packet, payload, len);
	c->sent = len;
	return CHANNEL_OK;
}

void
channel_flush(struct channel *c)
{
	cr_expect_not(c->closed);
}

void
channel_resume(struct channel *c)
{
	c->resumed++;
}

void
fake_open(struct offer *o)
{
	static const uint8_t user_data[MESSAGE_USER_DATA];
	struct err e = { 0 };

	o->open = true;
	o->channel.closed = false;
	cr_assert_eq(o->ops->open(o->ctx, &o->channel, user_data, &e), 0);
}

void
fake_echo(struct offer *o, uint32_t status)
{
	struct channel *c = &o->channel;
	struct ic_header h;

	cr_assert_geq(c->sent, sizeof(h));
	memcpy(&h, c->packet, sizeof(h));
	h.flags = IC_FLAG_TRANSACTION | IC_FLAG_RESPONSE;
	h.status = status;
	memcpy(c->answer, c->packet, c->sent);
	memcpy(c->answer, &h, sizeof(h));
	c->waiting = c->sent;
	c->sent = 0;
	o->ops->receive(o->ctx, c);
}

void
fake_negotiate(struct offer *o)
{
	uint8_t *body = o->channel.packet + sizeof(struct ic_header);
	struct ic_version chosen[2];
	struct ic_negotiate n;

	memcpy(&n, body, sizeof(n));
	memcpy(&chosen[0], body + sizeof(n) +
	    (n.framework_count - 1U) * sizeof(chosen[0]), sizeof(chosen[0]));
	memcpy(&chosen[1], body + sizeof(n) + sizeof(chosen[0]) *
	    (n.framework_count + n.message_count - 1U), sizeof(chosen[0]));
	n = (struct ic_negotiate){ 1, 1, 0 };
	memcpy(body, &n, sizeof(n));
	memcpy(body + sizeof(n), chosen, sizeof(chosen));
	fake_echo(o, 0);
}
