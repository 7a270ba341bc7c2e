/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for vmbus/provider.c and channel.c: keeps what it is told. */
#include "fake_provider.h"

#include <criterion/criterion.h>
#include <string.h>

struct fake_provider fake;

const struct memory *
provider_memory(const struct provider *p)
{
	(void)p;
	return &fake.memory;
}

struct offer *
provider_offer(struct provider *p, const struct offer_setup *setup,
    const struct offer_ops *ops, void *ctx, struct err *e)
{
	struct offer *o = &fake.offers[fake.offer_count];

	(void)p;
	(void)e;
	cr_assert_lt(fake.offer_count, FAKE_OFFERS_MAX);
	cr_assert_null(fake_find(setup->sub_channel), "offered twice");
	fake.offer_count++;
	memset(o, 0, sizeof(*o));
	o->setup = *setup;
	o->ops = ops;
	o->ctx = ctx;
	return o;
}

void
offer_rescind(struct offer *o)
{
	cr_assert_not(o->rescinded || o->released);
	o->rescinded = true;
	if (o->open)
		fake_close(o);
}

void
offer_closed(struct offer *o)
{
	o->closed = true;
}

void
offer_gpadl_removed(struct offer *o, uint32_t handle)
{
	(void)o;
	fake.gpadl_removed = handle;
}

const struct gpadl *
offer_gpadl(const struct offer *o, uint32_t handle)
{
	cr_assert_eq(o->setup.sub_channel, 0);
	return fake.gpadl != NULL && fake.gpadl->handle == handle ?
	    fake.gpadl : NULL;
}

enum channel_result
channel_receive(struct channel *c, struct packet *p)
{
	if (!c->waiting)
		return CHANNEL_EMPTY;
	c->waiting = false;
	*p = c->in;
	return CHANNEL_OK;
}

enum channel_result
channel_send(struct channel *c, const struct packet_out *out)
{
	if (c->full)
		return CHANNEL_FULL;
	c->sent++;
	c->held = out->can_wait;
	c->type = out->type;
	c->page_set = out->page_set;
	if (out->range_count > 0)
		c->range = out->ranges[0];
	c->size = 0;
	if (out->payload_count > 0) {
		c->size = out->payload[0].iov_len;
		cr_assert_leq(c->size, FAKE_PAYLOAD_MAX);
		memcpy(c->payload, out->payload[0].iov_base, c->size);
	}
	return CHANNEL_OK;
}

void
channel_flush(struct channel *c)
{
	c->flushed++;
}

bool
channel_held(const struct channel *c)
{
	return c->held;
}

void
channel_signal(struct channel *c)
{
	c->held = false;
	channel_flush(c);
}

void
channel_resume(struct channel *c)
{
	c->resumed = true;
}

void
fake_open(struct offer *o)
{
	static const uint8_t user_data[MESSAGE_USER_DATA];
	struct err e;

	memset(&o->channel, 0, sizeof(o->channel));
	o->open = true;
	o->closed = false;
	cr_assert_eq(o->ops->open(o->ctx, &o->channel, user_data, &e), 0);
}

void
fake_close(struct offer *o)
{
	o->open = false;
	o->ops->close(o->ctx, &o->channel);
	cr_assert(o->closed);
}

void
fake_release(struct offer *o)
{
	cr_assert(o->rescinded && !o->open && !o->released);
	o->released = true;
	o->ops->released(o->ctx, 0);
}

void
fake_send(struct offer *o, const void *payload, size_t len)
{
	struct channel *c = &o->channel;

	cr_assert_leq(len, FAKE_PAYLOAD_MAX);
	memcpy(c->in_payload, payload, len);
	c->in = (struct packet){
		.type = PACKET_IN_BAND,
		.wants_completion = true,
		.transaction_id = 1,
		.payload = c->in_payload,
		.payload_size = len,
	};
	c->waiting = true;
	o->ops->receive(o->ctx, c);
}

struct offer *
fake_find(unsigned sub)
{
	for (unsigned i = fake.offer_count; i-- > 0;)
		if (fake.offers[i].setup.sub_channel == sub &&
		    !fake.offers[i].released)
			return &fake.offers[i];
	return NULL;
}
