/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's driver by hand: it greets, and takes events. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "keyboard/keyboard.h"

static struct keyboard k;
static struct err e;

static void
guest_greets(uint32_t version)
{
	uint32_t words[] = { 1, version };

	keyboard_receive(&k, (const uint8_t *)words, sizeof(words));
}

/* The next packet is these words. */
static void
expect_packet(const uint32_t *words, size_t bytes)
{
	uint8_t packet[KEYBOARD_PACKET_MAX];

	cr_assert_eq(keyboard_unsent(&k, packet), bytes);
	cr_expect_arr_eq(packet, words, bytes);
	keyboard_sent(&k);
}

static void
setup(void)
{
	keyboard_open(&k);
}

TestSuite(keyboard, .init = setup);

static void
agree(void)
{
	guest_greets(0x00010000);
	expect_packet((uint32_t[]){ 2, 1 }, 8);
}

Test(keyboard, agrees_on_version_1_0)
{
	uint8_t packet[KEYBOARD_PACKET_MAX];

	cr_expect_eq(keyboard_unsent(&k, packet), 0);
	agree();
	cr_expect(k.agreed);
}

Test(keyboard, refuses_other_versions)
{
	guest_greets(0x00020000);
	expect_packet((uint32_t[]){ 2, 0 }, 8);
	cr_expect_not(k.agreed);
}

Test(keyboard, sends_events_in_order)
{
	static const struct key_event events[] = {
		{ 0x1d, 0 }, { 0x53, KEY_E0 }, { 0x53, KEY_E0 | KEY_BREAK },
	};
	uint8_t packet[KEYBOARD_PACKET_MAX];

	agree();
	cr_assert_eq(keyboard_press(&k, events, 3, &e), 0);
	expect_packet((uint32_t[]){ 3, 0x1d, 0 }, 12);
	expect_packet((uint32_t[]){ 3, 0x53, 4 }, 12);
	expect_packet((uint32_t[]){ 3, 0x53, 6 }, 12);
	cr_expect_eq(keyboard_unsent(&k, packet), 0);
}

Test(keyboard, has_nobody_to_send_to_before_it_agreed)
{
	static const struct key_event event = { 1, 0 };

	cr_expect_eq(keyboard_press(&k, &event, 1, &e), -1);
	cr_expect_eq(e.code, ENOTCONN);
	guest_greets(0x00010000);
	cr_expect_eq(keyboard_press(&k, &event, 1, &e), -1,
	    "the guest waits for the answer");
}

Test(keyboard, keeps_what_the_guest_does_not_take_within_bounds)
{
	static const struct key_event event = { 1, 0 };

	agree();
	for (unsigned i = 0; i < KEYBOARD_QUEUE; i++)
		cr_assert_eq(keyboard_press(&k, &event, 1, &e), 0);
	cr_expect_eq(keyboard_press(&k, &event, 1, &e), -1);
	cr_expect_eq(e.code, EAGAIN);
	for (unsigned i = 0; i < 10; i++)
		keyboard_sent(&k);
	for (unsigned i = 0; i < 10; i++)
		cr_expect_eq(keyboard_press(&k, &event, 1, &e), 0);
}

Test(keyboard, starts_afresh_when_it_is_opened_again)
{
	static const struct key_event event = { 1, 0 };
	uint8_t packet[KEYBOARD_PACKET_MAX];

	agree();
	keyboard_press(&k, &event, 1, &e);
	keyboard_close(&k);
	cr_expect_eq(keyboard_press(&k, &event, 1, &e), -1);
	keyboard_open(&k);
	cr_expect_eq(keyboard_unsent(&k, packet), 0);
}

Test(keyboard, passes_over_what_means_nothing)
{
	uint32_t words[] = { 9, 0x00010000 };
	uint8_t packet[KEYBOARD_PACKET_MAX];

	keyboard_receive(&k, (const uint8_t *)words, sizeof(words));
	words[0] = 1;
	keyboard_receive(&k, (const uint8_t *)words, 7);
	keyboard_receive(&k, NULL, 0);
	cr_expect_eq(keyboard_unsent(&k, packet), 0);
}
