/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol around SRBs: initialization, resets, disks that change. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "guest.h"

static const uint8_t read_10[] = { 0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0 };
static const uint8_t write_10[] = { 0x2a, 0, 0, 0, 0, 9, 0, 0, 1, 0 };

static struct guest g;

static void
set_up(void)
{
	guest_init_with_disk(&g);
}

static void
tear_down(void)
{
	memory_disk_run(&g.disk);
	guest_free(&g);
}

TestSuite(controller, .init = set_up, .fini = tear_down);

static const struct guest_answer *
send_read(unsigned channel)
{
	struct vstor_packet p = guest_srb(read_10, sizeof(read_10), 512);

	return guest_send_srb(&g, channel, &p);
}

static const struct guest_answer *
send_write(void)
{
	struct vstor_packet p = guest_srb(write_10, sizeof(write_10), 512);

	return guest_send_srb(&g, 0, &p);
}

/* A second disk, as LUN @lun. */
static int
attach(struct memory_disk *m, unsigned lun, const char *serial, struct err *e)
{
	struct disk_setup s = guest_disk_setup(&g, serial);

	memory_disk_init(m, 4096);
	s.backend = &m->backend;
	return controller_attach(&g.controller, &s, lun, e);
}

Test(controller, properties_tell_of_sub_channels_and_transfers)
{
	const struct vstor_properties *p =
	    &guest_operate(&g, VSTOR_QUERY_PROPERTIES)->packet.properties;

	cr_expect_eq(p->max_sub_channels, 3);
	cr_expect_eq(p->flags, VSTOR_MULTI_CHANNEL);
	cr_expect_eq(p->max_transfer_bytes, 1 << 20);
}

Test(controller, only_versions_6_are_taken)
{
	struct vstor_packet p = { .operation = VSTOR_QUERY_VERSION };

	guest_operate(&g, VSTOR_BEGIN_INITIALIZATION);
	p.version.version = 0x0501;
	cr_expect_neq(guest_send(&g, 0, &p)->packet.status, 0);
	cr_expect_neq(guest_operate(&g, VSTOR_END_INITIALIZATION)
	    ->packet.status, 0);
	p.version.version = 0x0600;
	cr_expect_eq(guest_send(&g, 0, &p)->packet.status, 0);
	cr_expect_eq(guest_operate(&g, VSTOR_END_INITIALIZATION)
	    ->packet.status, 0);
}

Test(controller, steps_out_of_order_are_refused)
{
	guest_operate(&g, VSTOR_BEGIN_INITIALIZATION);
	cr_expect_neq(guest_operate(&g, VSTOR_QUERY_PROPERTIES)
	    ->packet.status, 0);
	cr_expect_neq(guest_operate(&g, VSTOR_CREATE_SUB_CHANNELS)
	    ->packet.status, 0);
	cr_expect_neq(send_read(0)->packet.status, 0);
	cr_expect_eq(g.disk.queue, NULL);
}

Test(controller, unknown_operations_and_those_elsewhere_are_refused)
{
	struct vstor_packet p = { .operation = VSTOR_QUERY_PROPERTIES };

	cr_expect_neq(guest_operate(&g, VSTOR_FCHBA_DATA)->packet.status, 0);
	cr_expect_neq(guest_operate(&g, 99)->packet.status, 0);
	controller_open(&g.controller, 1);
	cr_expect_neq(guest_send(&g, 1, &p)->packet.status, 0);
}

Test(controller, short_packets_are_none_of_the_protocol)
{
	uint8_t bytes[63] = { VSTOR_EXECUTE_SRB };
	struct arrival a = { .payload = bytes, .len = sizeof(bytes) };

	cr_expect_eq(controller_receive(&g.controller, &a), -1);
	cr_expect_eq(controller_has_room(&g.controller, 0), true);
}

Test(controller, sub_channels_carry_requests_and_their_answers)
{
	struct vstor_packet p = { .operation = VSTOR_CREATE_SUB_CHANNELS };

	p.sub_channels = 4;
	cr_expect_neq(guest_send(&g, 0, &p)->packet.status, 0);
	p.sub_channels = 2;
	cr_expect_eq(guest_send(&g, 0, &p)->packet.status, 0);
	cr_expect_eq(g.sub_channels, 2);
	controller_open(&g.controller, 2);
	send_read(2);
	memory_disk_run(&g.disk);
	cr_expect_eq(g.answers[g.answer_count - 1].channel, 2);
	cr_expect_eq(g.answers[g.answer_count - 1].id, g.next_id);
}

Test(controller, packet_of_a_channel_that_is_not_open_is_refused)
{
	struct vstor_packet p = guest_srb(read_10, sizeof(read_10), 512);
	struct arrival a = { .channel = 3, .payload = (uint8_t *)&p,
		.len = sizeof(p) };

	cr_expect_eq(controller_receive(&g.controller, &a), -1);
}

Test(controller, reset_is_answered_when_nothing_is_under_way)
{
	unsigned before;

	cr_expect_eq(guest_operate(&g, VSTOR_RESET_BUS)->packet.status, 0);
	send_read(0);
	before = g.answer_count;
	cr_expect_null(guest_operate(&g, VSTOR_RESET_BUS));
	/* A second one meanwhile is too much. */
	cr_expect_neq(guest_operate(&g, VSTOR_RESET_BUS)->packet.status, 0);
	memory_disk_run(&g.disk);
	cr_assert_eq(g.answer_count, before + 3);
	cr_expect_eq(g.answers[before + 2].id, g.next_id - 1);
	cr_expect_eq(g.answers[before + 2].packet.status, 0);
}

Test(controller, channel_is_idle_when_its_requests_have_ended)
{
	unsigned before;

	send_read(0);
	before = g.answer_count;
	controller_close(&g.controller, 0);
	cr_expect_eq(g.idle, 0);
	memory_disk_run(&g.disk);
	cr_expect_eq(g.idle, 1);
	cr_expect_eq(g.answer_count, before, "answered a closed channel");
	controller_open(&g.controller, 1);
	controller_close(&g.controller, 1);
	cr_expect_eq(g.idle, 3);
}

Test(controller, reopened_channel_begins_anew)
{
	controller_close(&g.controller, 0);
	controller_open(&g.controller, 0);
	cr_expect_neq(send_read(0)->packet.status, 0);
	cr_expect_eq(guest_operate(&g, VSTOR_BEGIN_INITIALIZATION)
	    ->packet.status, 0);
}

Test(controller, as_many_requests_as_fit_and_no_more)
{
	for (unsigned i = 0; i < CONTROLLER_IN_FLIGHT; i++) {
		cr_assert(controller_has_room(&g.controller, 0));
		send_read(0);
	}
	cr_expect_not(controller_has_room(&g.controller, 0));
	cr_expect_eq(memory_disk_run(&g.disk), CONTROLLER_IN_FLIGHT);
	cr_expect(controller_has_room(&g.controller, 0));
}

Test(controller, attached_disk_is_announced_and_there)
{
	struct memory_disk m;
	struct err e = { 0 };

	cr_assert_eq(controller_free_lun(&g.controller, 0), 1);
	cr_assert_eq(attach(&m, 1, "demo-1", &e), 0, "%s", e.text);
	cr_expect_eq(g.announcements, 1);
	cr_expect_eq(g.announced.operation, VSTOR_ENUMERATE_BUS);
	cr_expect_eq(controller_free_lun(&g.controller, 0), 2);
	cr_expect_eq(controller_detach(&g.controller, 1, &e), 0);
	cr_expect_eq(g.announced.operation, VSTOR_REMOVE_DEVICE);
	cr_expect(m.closed);
	memory_disk_free(&m);
}

Test(controller, disk_that_cannot_be_is_refused)
{
	struct disk_setup s = guest_disk_setup(&g, "demo-1");
	struct memory_disk m;
	struct err e = { 0 };

	cr_expect_eq(attach(&m, 0, "demo-1", &e), -1);
	cr_expect_eq(e.code, EEXIST);
	memory_disk_free(&m);
	cr_expect_eq(attach(&m, 64, "demo-1", &e), -1);
	cr_expect_eq(e.code, EINVAL);
	memory_disk_free(&m);
	cr_expect_eq(attach(&m, 1, "demo-0", &e), -1);
	cr_expect_not_null(strstr(e.text, "that of LUN 0"));
	m.backend.size = 2047;
	s.backend = &m.backend;
	s.dvd = true;
	cr_expect_eq(controller_attach(&g.controller, &s, 1, &e), -1);
	cr_expect_eq(g.announcements, 0);
	memory_disk_free(&m);
}

Test(controller, detached_disk_ends_after_its_requests)
{
	struct vstor_packet p = guest_srb(read_10, sizeof(read_10), 512);
	unsigned before = g.answer_count;
	struct err e = { 0 };

	send_read(0);
	cr_assert_eq(controller_detach(&g.controller, 0, &e), 0);
	cr_expect_not(g.disk.closed);
	cr_expect_eq(guest_send_srb(&g, 0, &p)->packet.srb.srb_status,
	    VSTOR_SRB_INVALID_LUN);
	memory_disk_run(&g.disk);
	cr_expect(g.disk.closed);
	cr_expect_eq(g.answer_count, before + 2);
	cr_expect_eq(controller_detach(&g.controller, 0, &e), -1);
	cr_expect_eq(e.code, ENOENT);
}

Test(controller, new_size_is_told_once_and_then_used)
{
	struct err e = { 0 };

	cr_assert_eq(controller_resize(&g.controller, 0,
	    MEMORY_DISK_BLOCKS * 1024, &e), 0);
	cr_expect_eq(g.announced.operation, VSTOR_ENUMERATE_BUS);
	expect_good(GUEST_RUN(&g, 36, 0x12, 0, 0, 0, 36, 0), 36);
	expect_sense(GUEST_RUN(&g, 0, 0x00, 0, 0, 0, 0, 0), 6, 0x2a09);
	expect_good(GUEST_RUN(&g, 8, 0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0), 8);
	cr_expect_eq(be_get(g.data, 4), 2 * MEMORY_DISK_BLOCKS - 1);
	cr_expect_eq(controller_resize(&g.controller, 0, 511, &e), -1);
	cr_expect_eq(controller_resize(&g.controller, 9, 4096, &e), -1);
}

Test(controller, request_sense_takes_the_attention)
{
	disk_resized(g.controller.luns[0]);
	expect_good(GUEST_RUN(&g, 18, 0x03, 0, 0, 0, 18, 0), 18);
	cr_expect_eq(g.data[2], 6);
	cr_expect_eq(be_get(g.data + 12, 2), 0x2a09);
	expect_good(GUEST_RUN(&g, 18, 0x03, 0, 0, 0, 18, 0), 18);
	cr_expect_eq(g.data[2], 0);
	expect_good(GUEST_RUN(&g, 0, 0x00, 0, 0, 0, 0, 0), 0);
}

Test(controller, write_without_space_waits_until_there_is_some)
{
	unsigned before = g.answer_count;

	g.controller.luns[0]->is.pause_when_full = true;
	g.disk.room = 4096;
	g.data[0] = 0x5a;
	cr_expect_null(send_write());
	memory_disk_run(&g.disk);
	cr_expect(controller_is_held(&g.controller));
	cr_expect_eq(g.controller.luns[0]->held, 1);
	controller_retry(&g.controller);
	memory_disk_run(&g.disk);
	cr_expect_eq(g.answer_count, before);
	cr_expect(controller_is_held(&g.controller));
	/* Reads go on meanwhile. */
	send_read(0);
	memory_disk_run(&g.disk);
	cr_expect_eq(g.answer_count, before + 1);
	g.disk.room = UINT64_MAX;
	g.data[0] = 0x5a;
	controller_retry(&g.controller);
	memory_disk_run(&g.disk);
	cr_expect_not(controller_is_held(&g.controller));
	cr_assert_eq(g.answer_count, before + 2);
	expect_good(&g.answers[before + 1].packet.srb, 512);
	cr_expect_eq(g.disk.bytes[9 * 512], 0x5a);
}

Test(controller, write_that_waits_ends_with_a_reset)
{
	unsigned before = g.answer_count;

	g.controller.luns[0]->is.pause_when_full = true;
	g.disk.room = 0;
	send_write();
	memory_disk_run(&g.disk);
	send_write();
	guest_operate(&g, VSTOR_RESET_BUS);
	memory_disk_run(&g.disk);
	cr_expect_not(controller_is_held(&g.controller));
	cr_assert_eq(g.answer_count, before + 3);
	expect_sense(&g.answers[before].packet.srb, 7, 0x2707);
	expect_sense(&g.answers[before + 1].packet.srb, 7, 0x2707);
	cr_expect_eq(g.answers[before + 2].packet.status, 0);
}

Test(controller, write_that_waits_ends_with_its_channel)
{
	g.controller.luns[0]->is.pause_when_full = true;
	g.disk.room = 0;
	send_write();
	memory_disk_run(&g.disk);
	send_write();
	controller_close(&g.controller, 0);
	cr_expect_eq(g.idle, 0);
	memory_disk_run(&g.disk);
	cr_expect_eq(g.idle, 1);
}

Test(controller, write_that_waits_ends_with_its_disk)
{
	unsigned before = g.answer_count;
	struct err e = { 0 };

	g.controller.luns[0]->is.pause_when_full = true;
	g.disk.room = 0;
	send_write();
	memory_disk_run(&g.disk);
	cr_assert_eq(controller_detach(&g.controller, 0, &e), 0);
	cr_expect_eq(g.answer_count, before + 1);
	cr_expect(g.disk.closed);
}
