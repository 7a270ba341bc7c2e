/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's raw channel against the host's channel, both in this process. */
#include <criterion/criterion.h>
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "vmbus/channel.h"
#include "vmbus/raw/raw_channel.h"

#define RING_BYTES (4 * RING_PAGE)

static struct raw_channel *guest;
static struct channel *host;
static uint8_t *rings;
static int call_fd, kick_fd;
/* What the kernel's device is to the guest: 4 bytes each way. */
static int device;

static void
setup(void)
{
	struct channel_setup s = { .memory = NULL, .packet_max = 16384 };
	int pair[2];
	struct err e;

	rings = mmap(NULL, 2 * RING_BYTES, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(rings, MAP_FAILED);
	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    pair), 0);
	device = pair[1];
	guest = raw_channel_attach(pair[0], rings, 2 * RING_BYTES);
	cr_assert_not_null(guest);
	s.ring_in = rings;
	s.ring_out = rings + RING_BYTES;
	s.ring_in_bytes = s.ring_out_bytes = RING_BYTES;
	s.call_fd = call_fd = eventfd(0, EFD_NONBLOCK);
	s.kick_fd = kick_fd = eventfd(0, EFD_NONBLOCK);
	host = channel_create(&s, &e);
	cr_assert_not_null(host);
}

static void
teardown(void)
{
	channel_destroy(host);
	raw_channel_close(guest);
	close(device);
	close(call_fd);
	close(kick_fd);
}

TestSuite(raw_channel, .init = setup, .fini = teardown);

/* Did the guest signal since the last time? */
static bool
guest_signalled(void)
{
	uint32_t value;
	bool any = false;

	while (read(device, &value, sizeof(value)) == 4)
		any = true;
	return any;
}

Test(raw_channel, carries_messages_both_ways)
{
	char buffer[64];
	struct packet p;

	cr_assert_eq(raw_channel_send(guest, "to the host", 11), 0);
	cr_assert_eq(raw_channel_flush(guest), 0);
	cr_expect(guest_signalled());
	cr_assert_eq(channel_receive(host, &p), CHANNEL_OK);
	cr_expect_eq(p.payload_size, 16);
	cr_expect_str_eq((const char *)p.payload, "to the host");
	cr_assert_eq(channel_send_in_band(host, 0, false, "to the guest", 12),
	    CHANNEL_OK);
	cr_expect_eq(raw_channel_receive(guest, buffer, sizeof(buffer)), 16);
	cr_expect_str_eq(buffer, "to the guest");
	cr_expect_eq(raw_channel_receive(guest, buffer, sizeof(buffer)), -1);
	cr_expect_eq(errno, EAGAIN);
}

Test(raw_channel, keeps_a_message_longer_than_the_buffer)
{
	char buffer[64];

	channel_send_in_band(host, 0, false, "sixteen bytes are", 16);
	cr_expect_eq(raw_channel_receive(guest, buffer, 8), -1);
	cr_expect_eq(errno, EMSGSIZE);
	cr_expect_eq(raw_channel_receive(guest, buffer, 16), 16);
}

Test(raw_channel, keeps_a_message_whole_over_the_rings_end)
{
	char message[1000], buffer[sizeof(message)];

	for (unsigned i = 0; i < 100; i++) {
		memset(message, (int)i, sizeof(message));
		message[i] = '!';
		cr_assert_eq(channel_send_in_band(host, 0, false, message,
		    sizeof(message)), CHANNEL_OK);
		cr_expect_eq(raw_channel_receive(guest, buffer,
		    sizeof(buffer)), sizeof(buffer));
		cr_expect_arr_eq(buffer, message, sizeof(message));
	}
}

Test(raw_channel, that_is_full_is_signalled_when_there_is_room)
{
	static char message[1000];
	struct packet p;
	uint64_t calls;

	while (raw_channel_send(guest, message, sizeof(message)) == 0)
		continue;
	cr_assert_eq(errno, EAGAIN);
	cr_expect(guest_signalled(), "or the host would not read");
	while (channel_receive(host, &p) == CHANNEL_OK)
		continue;
	channel_flush(host);
	cr_expect_eq(read(call_fd, &calls, sizeof(calls)), 8);
	cr_expect_eq(raw_channel_send(guest, message, sizeof(message)), 0);
}

Test(raw_channel, tells_the_host_that_waits_for_room)
{
	static char message[1000];
	char buffer[1024];

	while (channel_send_in_band(host, 0, false, message,
	    sizeof(message)) == CHANNEL_OK)
		continue;
	while (raw_channel_receive(guest, buffer, sizeof(buffer)) > 0)
		continue;
	raw_channel_flush(guest);
	cr_expect(guest_signalled());
	cr_expect(channel_signalled(host).writable);
}

Test(raw_channel, signals_once_for_many_messages)
{
	uint32_t value;

	for (unsigned i = 0; i < 5; i++)
		raw_channel_send(guest, "12345678", 8);
	raw_channel_flush(guest);
	cr_expect_eq(read(device, &value, sizeof(value)), 4);
	cr_expect_eq(read(device, &value, sizeof(value)), -1);
}

Test(raw_channel, ends_when_the_host_breaks_the_rules)
{
	struct ring_header *h = (void *)(rings + RING_BYTES);
	char buffer[8];

	h->write_index = 4;
	cr_expect_eq(raw_channel_receive(guest, buffer, sizeof(buffer)), -1);
	cr_expect_eq(errno, EPROTO);
}

Test(raw_channel, goes_no_further_than_a_packet_that_is_no_message)
{
	char buffer[16];

	channel_complete(host, 7, "answer?!", 8);
	channel_send_in_band(host, 0, false, "message!", 8);
	for (unsigned i = 0; i < 2; i++) {
		cr_expect_eq(raw_channel_receive(guest, buffer,
		    sizeof(buffer)), -1);
		cr_expect_eq(errno, EPROTO, "time %u", i);
	}
}

Test(raw_channel, of_no_device_cannot_be_opened)
{
	cr_expect_null(raw_channel_open(
	    "00000000-0000-0000-0000-000000000000"));
	cr_expect_eq(errno, ENODEV);
	cr_expect_null(raw_channel_open("../../../.."));
	cr_expect_eq(errno, ENODEV);
}
