/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for vmbus/provider.c and offer.c, in the same order of ops. */
#include "fake_provider.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fake_provider fake;

struct provider *
provider_connect(sd_event *event, const char *run_dir,
    enum provider_kind kind, const struct provider_ops *ops, void *ctx,
    struct err *e)
{
	(void)event;
	(void)run_dir;
	(void)e;
	cr_expect_eq(kind, PROVIDER_SOCKETS);
	memset(&fake, 0, sizeof(fake));
	fake.ops = ops;
	fake.ctx = ctx;
	fake.guest_version = MESSAGE_VERSION_5_3;
	return (struct provider *)&fake;
}

void
provider_destroy(struct provider *p)
{
	cr_expect_eq(p, (struct provider *)&fake);
	for (unsigned i = 0; i < fake.offers; i++)
		if (fake.offer[i].rings != NULL)
			rings_destroy(fake.offer[i].rings);
}

uint32_t
provider_uid(const struct provider *p)
{
	(void)p;
	return 0;
}

uint32_t
provider_guest_version(const struct provider *p)
{
	(void)p;
	return fake.guest_version;
}

int
provider_sandbox_in(struct provider *p, const char *dir, const int *calls,
    size_t count, struct err *e)
{
	(void)p;
	(void)calls;
	(void)count;
	(void)e;
	return chdir(dir);
}

void
provider_refuse_connect(struct provider *p, const struct guid *endpoint,
    const struct guid *service)
{
	(void)p;
	fake.refusals++;
	fake.refused_endpoint = *endpoint;
	fake.refused_service = *service;
}

struct offer *
provider_offer(struct provider *p, const struct offer_setup *setup,
    const struct offer_ops *ops, void *ctx, struct err *e)
{
	struct offer *o = &fake.offer[fake.offers++];

	(void)p;
	(void)e;
	cr_assert_leq(fake.offers, FAKE_OFFERS);
	o->ops = ops;
	o->ctx = ctx;
	o->setup = *setup;
	return o;
}

static void
close_ask(struct offer *o)
{
	if (o->rings == NULL || o->closing)
		return;
	o->closing = true;
	o->in_op = true;
	o->ops->close(o->ctx, o->rings->channel);
	o->in_op = false;
	cr_assert(o->closed, "it has nothing under way");
	rings_destroy(o->rings);
	free(o->rings);
	o->rings = NULL;
}

static void
op_end(struct offer *o)
{
	o->in_op = false;
	channel_flush(o->rings->channel);
	if (channel_broken(o->rings->channel) && !o->rescinding) {
		o->rescinding = true;
		o->ops->broken(o->ctx);
	}
	if (o->rescinding) {
		close_ask(o);
		o->rescinded = true;
	}
}

void
offer_rescind(struct offer *o)
{
	cr_assert_not(o->released);
	if (o->rescinding)
		return;
	o->rescinding = true;
	if (o->in_op)
		return;
	close_ask(o);
	o->rescinded = true;
}

void
offer_closed(struct offer *o)
{
	cr_expect(o->closing);
	o->closed = true;
}

int
fake_open(struct offer *o)
{
	static const uint8_t user_data[MESSAGE_USER_DATA];
	struct err e = { 0 };
	int ret;

	if (o->rescinding)
		return -1;
	o->rings = aligned_alloc(RING_PAGE, sizeof(*o->rings));
	cr_assert_not_null(o->rings);
	rings_create(o->rings);
	o->in_op = true;
	ret = o->ops->open(o->ctx, o->rings->channel, user_data, &e);
	cr_assert_eq(ret, 0);
	op_end(o);
	return 0;
}

void
fake_kick(struct offer *o)
{
	struct channel_work work;

	if (o->rings == NULL)
		return;
	rings_bell(o->rings->kick_fd);
	work = channel_signalled(o->rings->channel);
	o->in_op = true;
	if (work.writable)
		o->ops->writable(o->ctx, o->rings->channel);
	if (work.receive)
		o->ops->receive(o->ctx, o->rings->channel);
	op_end(o);
}

void
fake_close(struct offer *o)
{
	close_ask(o);
	if (o->rescinding)
		o->rescinded = true;
}

void
fake_release(struct offer *o, int status)
{
	cr_assert_not(o->released);
	close_ask(o);
	o->released = true;
	o->ops->released(o->ctx, status);
}
