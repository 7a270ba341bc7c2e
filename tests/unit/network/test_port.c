/* SPDX-License-Identifier: Apache-2.0 */
/* Offers and channels of a port, over a provider and a device of ours. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_provider.h"
#include "network/ndis_wire.h"
#include "network/nvsp_wire.h"
#include "network/port.h"
#include "network/rndis_wire.h"

#define PAGES 512u
#define HANDLE 0xe1e10u

static struct port *p;
static sd_event *event;
static int wire;			/* the other end of the device */
static struct offer *primary;

static const uint8_t mac[FRAME_MAC] = { 2, 0, 0, 0, 0, 0x11 };

static void
memory_make(void)
{
	struct memory_region region = { .size = PAGES * MEMORY_PAGE };
	struct gpadl *g = calloc(1, sizeof(*g) + PAGES * sizeof(g->pfns[0]));
	uint8_t *ram = calloc(PAGES, MEMORY_PAGE);

	cr_assert(g != NULL && ram != NULL);
	cr_assert(memory_set(&fake.memory, ram, region.size, &region, 1));
	g->handle = HANDLE;
	g->byte_count = PAGES * MEMORY_PAGE;
	g->page_count = PAGES;
	for (unsigned i = 0; i < PAGES; i++)
		g->pfns[i] = i;
	fake.gpadl = g;
}

static unsigned changes;

static void
count_change(void *ctx)
{
	(void)ctx;
	changes++;
}

static void
set_up(void)
{
	static const struct config_network config = { .bridge = "br0" };
	struct port_setup setup = { .config = &config };
	struct err e = { .code = 0 };
	int ends[2];

	memset(&fake, 0, sizeof(fake));
	memory_make();
	cr_assert_geq(sd_event_new(&event), 0);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends),
	    0);
	wire = ends[1];
	setup.event = event;
	setup.changed = count_change;
	memcpy(setup.mac, mac, sizeof(mac));
	strcpy(setup.tap.name, "mtap0");
	setup.tap.mtu = 1500;
	setup.tap.count = 3;
	for (unsigned i = 0; i < 3; i++)
		setup.tap.fds[i] = i == 0 ? ends[0] : dup(ends[0]);
	p = port_create(&setup, &e);
	cr_assert_not_null(p, "%s", e.text);
	cr_assert_eq(port_offer(p, &e), 0);
	primary = fake_find(0);
	cr_assert_not_null(primary);
}

static void
tear_down(void)
{
	port_destroy(p);
	close(wire);
	sd_event_unref(event);
	free(fake.memory.base);
	free((void *)(uintptr_t)fake.gpadl);
}

TestSuite(port, .init = set_up, .fini = tear_down);

/* Send an NVSP message on the primary; its answer. */
static struct nvsp_message
ask(struct nvsp_message m)
{
	struct nvsp_message out;

	primary->channel.size = 0;
	fake_send(primary, &m, sizeof(m));
	cr_assert_geq(primary->channel.size, sizeof(out));
	memcpy(&out, primary->channel.payload, sizeof(out));
	return out;
}

static void
negotiate(void)
{
	struct nvsp_message m = { .type = NVSP_INIT };

	m.init = (struct nvsp_init){ NVSP_VERSION_61, NVSP_VERSION_61 };
	fake_open(primary);
	cr_assert_eq(ask(m).init_answer.status, NVSP_SUCCESS);
}

static void
ask_queues(unsigned count)
{
	struct nvsp_message m = { .type = NVSP_SUBCHANNEL };

	m.subchannel = (struct nvsp_subchannel){ 1, count };
	/* The table follows the answer. */
	cr_assert_eq(ask(m).type, NVSP_SEND_TABLE);
}

Test(port, is_offered_under_its_address)
{
	cr_expect_eq(fake.offer_count, 1);
	cr_expect_arr_eq(primary->setup.instance_id.bytes + 10, mac, 6);
	cr_expect_eq(primary->setup.class_id.bytes[0], 0x63);
	cr_expect_not(port_gone(p));
}

Test(port, queues_come_and_go_with_the_primary)
{
	negotiate();
	ask_queues(9);
	cr_expect_eq(fake.offer_count, 3, "one for each queue of the device");
	fake_open(fake_find(1));
	fake_close(primary);
	cr_expect(fake_find(1)->rescinded && fake_find(2)->rescinded);
	cr_expect(fake_find(1)->closed);
	cr_expect_not(primary->rescinded, "for the next driver");
	fake_release(fake_find(1));
	fake_release(fake_find(2));
	negotiate();
	ask_queues(2);
	cr_expect_not_null(fake_find(2));
}

Test(port, fast_guest_gets_its_queues_again)
{
	struct offer *old[2];

	negotiate();
	ask_queues(2);
	old[0] = fake_find(1);
	old[1] = fake_find(2);
	fake_close(primary);
	negotiate();
	ask_queues(2);
	cr_expect_eq(fake.offer_count, 3, "the old ones are not gone");
	fake_release(old[0]);
	fake_release(old[1]);
	cr_expect_eq(fake.offer_count, 5);
	cr_expect_not(fake_find(1)->rescinded || fake_find(2)->rescinded);
}

Test(port, leaves_when_all_is_released)
{
	negotiate();
	ask_queues(1);
	port_leave(p);
	cr_expect(primary->rescinded && fake_find(1)->rescinded);
	cr_expect_not(port_gone(p));
	fake_release(fake_find(1));
	fake_release(primary);
	cr_expect(port_gone(p));
}

Test(port, full_ring_holds_requests)
{
	struct nvsp_message m = { .type = NVSP_DATA_PATH };

	negotiate();
	primary->channel.full = true;
	fake_send(primary, &m, sizeof(m));
	fake_send(primary, &m, sizeof(m));
	cr_expect(primary->channel.waiting, "left in the ring");
	primary->channel.full = false;
	primary->channel.resumed = false;
	primary->ops->writable(primary->ctx, &primary->channel);
	cr_expect(primary->channel.resumed);
}

/* Buffer and RNDIS, as far as frames need them. */
static void
bring_up(void)
{
	struct nvsp_message m = { .type = NVSP_RECEIVE_BUFFER };

	negotiate();
	m.buffer.gpadl = HANDLE;
	cr_assert_eq(ask(m).receive_buffer_answer.status, NVSP_SUCCESS);
	p->adapter.initialized = true;
	p->adapter.filter = RNDIS_FILTER_DIRECTED;
}

Test(port, frame_of_the_device_reaches_the_guest)
{
	struct channel *c = &primary->channel;
	uint8_t frame[10 + 60] = { 0 };
	unsigned sent, flushed;

	bring_up();
	memcpy(frame + 10, mac, sizeof(mac));
	cr_assert_eq(write(wire, frame, sizeof(frame)), sizeof(frame));
	sent = c->sent;
	flushed = c->flushed;
	cr_assert_geq(sd_event_run(event, 1000000), 1);
	cr_assert_eq(c->sent, sent + 1);
	cr_expect_eq(c->type, PACKET_TRANSFER_PAGES);
	cr_expect_eq(c->page_set, NVSP_PAGE_SET);
	cr_expect_gt(c->flushed, flushed, "and is told");
	cr_expect_arr_eq(fake.memory.base + c->range.offset + 112, mac, 6);
}

Test(port, device_rests_while_the_ring_is_full)
{
	uint8_t frame[10 + 60] = { 0 };

	bring_up();
	memcpy(frame + 10, mac, sizeof(mac));
	cr_assert_eq(write(wire, frame, sizeof(frame)), sizeof(frame));
	primary->channel.full = true;
	cr_assert_geq(sd_event_run(event, 1000000), 1);
	cr_expect(p->stalled);
	cr_assert_eq(write(wire, frame, sizeof(frame)), sizeof(frame));
	cr_expect_eq(sd_event_run(event, 0), 0, "nothing is looked at");
	primary->channel.full = false;
	primary->ops->writable(primary->ctx, &primary->channel);
	cr_assert_geq(sd_event_run(event, 1000000), 1);
	cr_expect_not(p->stalled);
	cr_expect_eq(p->adapter.queues[0].stats.received_packets, 2);
}

Test(port, guest_is_told_of_held_answers_before_long)
{
	struct channel *c = &primary->channel;
	struct nvsp_message m = { .type = NVSP_RNDIS };

	bring_up();
	m.rndis.section = NVSP_NO_SECTION;
	/* After the first, the guest is told of its link. */
	fake_send(primary, &m, sizeof(m));
	fake_send(primary, &m, sizeof(m));
	cr_assert(c->held);
	while (c->held)
		cr_assert_geq(sd_event_run(event, 1000000), 1);
	cr_expect_not(p->holding);
}

Test(port, change_is_told)
{
	unsigned before = changes;

	bring_up();
	cr_expect_eq(changes, before);
	p->adapter.address[0] = 10;
	primary->ops->receive(primary->ctx, &primary->channel);
	cr_expect_eq(changes, before + 1);
	fake_close(primary);
	cr_expect_eq(changes, before + 2, "the address is not known now");
}

Test(port, page_list_is_given_back_at_once)
{
	bring_up();
	primary->ops->gpadl_remove(primary->ctx, fake.gpadl);
	cr_expect_eq(fake.gpadl_removed, HANDLE);
	cr_expect_null(p->adapter.receive_buffer);
}
