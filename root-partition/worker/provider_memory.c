/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Only here does a child's memory become more or less. Pages that the guest
 * gave up go back to the parent as holes in the memory file: the driver takes
 * them out of the partition before they are free, and has them come back, as
 * zeros, when they are touched again.
 */
#include "worker/provider_memory.h"

#include <errno.h>
#include <stdio.h>

#include "worker/machine.h"
#include "worker/vmbus_host.h"

static int
give_up(struct machine *m, const struct provider_memory_request *r,
    struct err *e)
{
	struct balloon *b = &m->memory.balloon;

	if (balloon_give_up(b, r->ranges, r->range_count, e) < 0)
		return -1;
	for (unsigned i = 0; i < r->range_count; i++) {
		uint64_t at = (uint64_t)balloon_offset(b, &r->ranges[i]);

		/* They are given up all the same, if not to the parent. */
		if (guest_memory_discard(&m->memory, at,
		    r->ranges[i].pages * BALLOON_PAGE, e) < 0)
			fprintf(stderr, "mullion-worker: %s\n", e->text);
	}
	return 0;
}

/* What an earlier guest had is in the partition already. */
static int
range_map(struct machine *m, const struct provider_memory_range *r,
    struct err *e)
{
	struct guest_memory *g = &m->memory;
	uint64_t from = (uint64_t)balloon_offset(&g->balloon, r);
	uint64_t to = from + r->pages * BALLOON_PAGE;

	if (from < g->balloon.mapped_to)
		from = g->balloon.mapped_to;
	if (from >= to)
		return 0;
	if (m->backend->map(&m->partition, memmap_address(&g->room, from),
	    g->base + from, to - from, e) < 0)
		return -1;
	g->balloon.mapped_to = to;
	return 0;
}

static int
add(struct machine *m, const struct provider_memory_request *r,
    struct provider_memory_range *out, struct err *e)
{
	struct balloon *b = &m->memory.balloon;
	struct err unused;

	if (balloon_add(b, r->pages, r->align, out, e) < 0)
		return -1;
	if (range_map(m, out, e) == 0)
		return 0;
	balloon_drop(b, r->pages, &unused);
	return -1;
}

/* Returns how many ranges the answer names, or -1. */
static int
carry_out(struct machine *m, const struct provider_memory_request *r,
    struct provider_memory_range *out, struct err *e)
{
	struct balloon *b = &m->memory.balloon;

	if (r->op != PROVIDER_MEMORY_TELL && r->epoch != b->epoch)
		return err_set(e, ESTALE, "there is another guest by now");
	switch (r->op) {
	case PROVIDER_MEMORY_GIVEN_UP:
		return give_up(m, r, e);
	case PROVIDER_MEMORY_TAKE:
		return (int)balloon_take(b, r->pages, out,
		    PROVIDER_MEMORY_RANGES_MAX);
	case PROVIDER_MEMORY_ADD:
		return add(m, r, out, e) < 0 ? -1 : 1;
	case PROVIDER_MEMORY_DROP:
		return balloon_drop(b, r->pages, e);
	default:
		return 0;
	}
}

void
provider_memory_request(struct session *s,
    const struct provider_memory_request *request)
{
	/* One at a time, under the host's lock. */
	static struct {
		struct provider_memory_answer m;
		struct provider_memory_range
		    ranges[PROVIDER_MEMORY_RANGES_MAX];
	} answer;
	struct machine *m = s->providers->host->machine;
	const struct balloon *b = &m->memory.balloon;
	struct err e = { .code = 0 };
	int ranges;

	if (s->kind != PROVIDER_MEMORY) {
		session_end(s, "memory is not its business");
		return;
	}
	ranges = carry_out(m, request, answer.ranges, &e);
	if (ranges < 0 && e.code != ESTALE)
		fprintf(stderr, "mullion-worker: memory: %s\n", e.text);
	answer.m = (struct provider_memory_answer){
		.head = { .type = PROVIDER_MEMORY_ANSWER },
		.op = request->op,
		.status = ranges < 0 ? (uint32_t)e.code : 0,
		.epoch = b->epoch,
		.present = balloon_present(b),
		.given_up = b->given_up_pages,
		.range_count = ranges < 0 ? 0 : (uint32_t)ranges,
	};
	answer.m.head.size = (uint32_t)(sizeof(answer.m) +
	    answer.m.range_count * sizeof(answer.ranges[0]));
	session_send(s, &answer, NULL, 0);
}
