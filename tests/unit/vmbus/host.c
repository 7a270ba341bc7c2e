/* SPDX-License-Identifier: Apache-2.0 */
/* The provider's side of the tests. */
#include "host.h"

#include <criterion/criterion.h>

#include "guest.h"

static struct host_list *
list_find(struct host *h, uint32_t handle)
{
	for (unsigned i = 0; i < h->list_count; i++)
		if (h->lists[i].handle == handle)
			return &h->lists[i];
	return NULL;
}

static void
answer_added(struct host *h, struct host_list *l)
{
	uint32_t handle = l->handle;

	l->due = HOST_HELD;
	if (h->refuse)
		*l = h->lists[--h->list_count];
	server_gpadl_added(h->channel, handle, !h->refuse);
}

static void
answer_removed(struct host *h, struct host_list *l)
{
	uint32_t handle = l->handle;

	*l = h->lists[--h->list_count];
	server_gpadl_removed(h->channel, handle);
}

static void
answer_opened(struct host *h)
{
	h->opened_due = false;
	h->open = !h->refuse;
	server_opened(h->channel, !h->refuse);
}

static void
answer_closed(struct host *h)
{
	h->closed_due = false;
	h->open = false;
	server_closed(h->channel);
}

static void
gpadl_add(void *ctx, const struct gpadl *g)
{
	struct host *h = ctx;
	struct host_list *l = &h->lists[h->list_count];

	cr_assert_eq(g->pages_have, g->page_count);
	cr_assert_lt(h->list_count, HOST_LISTS);
	cr_assert_null(list_find(h, g->handle));
	h->list_count++;
	h->adds++;
	*l = (struct host_list){ g->handle, HOST_ADDED_DUE };
	if (!h->late)
		answer_added(h, l);
}

static void
gpadl_remove(void *ctx, const struct gpadl *g)
{
	struct host *h = ctx;
	struct host_list *l = list_find(h, g->handle);

	cr_assert(l != NULL && l->due == HOST_HELD);
	/* Rings are in nobody's hands before they can be taken away. */
	if (h->open || h->closed_due || h->opened_due)
		cr_assert_neq(g->handle, h->last_open.ring_gpadl);
	h->removes++;
	l->due = HOST_REMOVED_DUE;
	if (!h->late)
		answer_removed(h, l);
}

static void
open_channel(void *ctx, const struct server_open *open)
{
	struct host *h = ctx;
	const struct host_list *rings = list_find(h, open->ring_gpadl);

	cr_assert_not(h->open || h->opened_due || h->closed_due);
	cr_assert(rings != NULL && rings->due == HOST_HELD);
	h->opens++;
	h->last_open = *open;
	h->opened_due = true;
	if (!h->late)
		answer_opened(h);
}

static void
close_channel(void *ctx)
{
	struct host *h = ctx;

	cr_assert(h->open || h->opened_due);
	cr_assert_not(h->closed_due);
	h->closes++;
	h->closed_due = true;
	if (!h->late) {
		h->opened_due = false;
		answer_closed(h);
	}
}

static void
signal_host(void *ctx)
{
	struct host *h = ctx;

	cr_assert(h->open);
	h->signals++;
}

static void
released(void *ctx)
{
	struct host *h = ctx;

	h->releases++;
	h->channel = NULL;
	host_stop(h);
}

static const struct server_channel_ops ops = {
	.gpadl_add = gpadl_add,
	.gpadl_remove = gpadl_remove,
	.open = open_channel,
	.close = close_channel,
	.signal = signal_host,
	.released = released,
};

void
host_offer(struct host *h, uint8_t class_number, uint8_t instance,
    uint16_t sub_channel, uint16_t flags)
{
	struct server_offer offer = {
		.class_id.bytes = { class_number },
		.instance_id.bytes = { instance },
		.flags = flags,
		.sub_channel = sub_channel,
		.user_data = { 1, 2, 3 },
	};

	h->channel = server_offer(guest.server, &offer, &ops, h);
}

void
host_stop(struct host *h)
{
	h->open = h->opened_due = h->closed_due = false;
	h->list_count = 0;
}

static bool
answer_list(struct host *h)
{
	for (unsigned i = 0; i < h->list_count; i++) {
		struct host_list *l = &h->lists[i];

		if (l->due == HOST_HELD)
			continue;
		if (l->due == HOST_ADDED_DUE)
			answer_added(h, l);
		else
			answer_removed(h, l);
		return true;
	}
	return false;
}

bool
host_answer(struct host *h)
{
	if (h->channel == NULL)
		return false;
	if (h->opened_due)
		answer_opened(h);
	else if (h->closed_due)
		answer_closed(h);
	else
		return answer_list(h);
	return true;
}
