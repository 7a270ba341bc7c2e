/* SPDX-License-Identifier: Apache-2.0 */
/* Ring ends against a peer that plays by hand, often badly. */
#include <criterion/criterion.h>

#include "vmbus/ring.h"

#define BYTES (2 * RING_PAGE)
#define SIZE RING_PAGE

static _Alignas(RING_PAGE) uint8_t memory[BYTES];
static struct ring_header *const header = (void *)memory;
static uint8_t *const data = memory + RING_PAGE;
static struct ring_reader reader;
static struct ring_writer writer;

static void
setup(void)
{
	memset(memory, 0, sizeof(memory));
	cr_assert(ring_reader_attach(&reader, memory, BYTES));
	cr_assert(ring_writer_attach(&writer, memory, BYTES));
}

TestSuite(ring, .init = setup);

/* Put a descriptor where @index is. */
static void
forge(uint32_t index, uint16_t offset8, uint16_t length8)
{
	uint16_t words[] = { 6, offset8, length8, 0 };

	memcpy(data + index, words, sizeof(words));
}

static enum ring_result
push(size_t bytes, bool *signal)
{
	static uint8_t packet[SIZE];
	struct iovec iov = { .iov_base = packet, .iov_len = bytes };
	uint16_t words[] = { 6, 2, (uint16_t)(bytes / 8), 0 };

	memcpy(packet, words, sizeof(words));
	*signal = false;
	return ring_writer_push(&writer, &iov, 1, signal);
}

static enum ring_result
pop(size_t *len)
{
	static uint8_t out[SIZE];

	return ring_reader_pop(&reader, out, sizeof(out), len);
}

Test(ring, has_header_and_data_of_whole_pages)
{
	cr_expect_not(ring_reader_attach(&reader, memory, RING_PAGE));
	cr_expect_not(ring_reader_attach(&reader, memory, BYTES - 8));
	cr_expect_not(ring_writer_attach(&writer, memory, 0));
}

Test(ring, is_not_attached_with_wrong_indices)
{
	header->write_index = SIZE;
	cr_expect_not(ring_reader_attach(&reader, memory, BYTES));
	cr_expect_not(ring_writer_attach(&writer, memory, BYTES));
	header->write_index = 4;
	cr_expect_not(ring_reader_attach(&reader, memory, BYTES));
}

Test(ring, gives_packets_back_in_order)
{
	bool signal;
	size_t len;

	cr_expect_eq(push(16, &signal), RING_OK);
	cr_expect_eq(push(64, &signal), RING_OK);
	cr_expect_eq(pop(&len), RING_OK);
	cr_expect_eq(len, 16);
	cr_expect_eq(pop(&len), RING_OK);
	cr_expect_eq(len, 64);
	cr_expect_eq(pop(&len), RING_EMPTY);
}

Test(ring, writes_the_former_index_behind_each_packet)
{
	uint64_t trailer;
	bool signal;

	push(16, &signal);
	push(16, &signal);
	memcpy(&trailer, data + 24 + 16, sizeof(trailer));
	cr_expect_eq(trailer, UINT64_C(24) << 32);
}

Test(ring, signals_when_it_was_empty_and_only_then)
{
	bool signal;

	push(16, &signal);
	cr_expect(signal);
	push(16, &signal);
	cr_expect_not(signal);
}

Test(ring, does_not_signal_a_reader_that_masked)
{
	bool signal;

	ring_reader_mask(&reader);
	push(16, &signal);
	cr_expect_not(signal);
	cr_expect_eq(ring_reader_unmask(&reader), RING_OK);
	cr_expect_eq(header->interrupt_mask, 1, "masked again");
}

Test(ring, unmasks_when_there_is_nothing)
{
	ring_reader_mask(&reader);
	cr_expect_eq(ring_reader_unmask(&reader), RING_EMPTY);
	cr_expect_eq(header->interrupt_mask, 0);
}

Test(ring, never_fills_to_the_last_byte)
{
	bool signal;

	cr_expect_eq(push(SIZE - 8, &signal), RING_TOO_LONG);
	cr_expect_eq(push(SIZE - 16, &signal), RING_OK);
	cr_expect_eq(push(16, &signal), RING_FULL);
	cr_expect_neq(header->write_index, header->read_index);
}

Test(ring, room_comes_back_when_it_is_published)
{
	bool signal;
	size_t len;

	push(SIZE - 16, &signal);
	cr_expect_eq(pop(&len), RING_OK);
	cr_expect_eq(push(16, &signal), RING_FULL);
	ring_reader_publish(&reader);
	cr_expect_eq(push(16, &signal), RING_OK);
}

Test(ring, a_writer_that_waits_is_signalled_once)
{
	bool signal;
	size_t len;

	for (unsigned i = 0; i < 4; i++)
		cr_assert_eq(push(SIZE / 4 - 16, &signal), RING_OK);
	cr_assert_eq(push(SIZE / 2, &signal), RING_FULL);
	cr_assert_eq(ring_writer_await(&writer, SIZE / 2), RING_FULL);
	pop(&len);
	cr_expect_not(ring_reader_publish(&reader), "not enough yet");
	pop(&len);
	pop(&len);
	cr_expect(ring_reader_publish(&reader), "crossed");
	pop(&len);
	cr_expect_not(ring_reader_publish(&reader), "crossed before");
	cr_expect_eq(push(SIZE / 2, &signal), RING_OK);
	ring_writer_stop_waiting(&writer);
	cr_expect_eq(header->pending_size, 0);
}

Test(ring, need_not_wait_for_room_that_came_meanwhile)
{
	bool signal;
	size_t len;

	push(SIZE - 16, &signal);
	cr_expect_eq(push(16, &signal), RING_FULL);
	pop(&len);
	ring_reader_publish(&reader);
	cr_expect_eq(ring_writer_await(&writer, 16), RING_OK);
	cr_expect_eq(header->pending_size, 0);
}

Test(ring, refuses_packets_that_are_none)
{
	static const size_t wrong[] = { 0, 8, 17, 20 };
	bool signal;

	for (size_t i = 0; i < 4; i++)
		cr_expect_eq(push(wrong[i], &signal), RING_TOO_LONG);
	cr_expect_eq(header->write_index, 0);
}

Test(ring, keeps_a_packet_too_long_for_the_caller)
{
	uint8_t small[32];
	bool signal;
	size_t len;

	push(40, &signal);
	cr_expect_eq(ring_reader_pop(&reader, small, sizeof(small), &len),
	    RING_TOO_LONG);
	cr_expect_eq(pop(&len), RING_OK);
	cr_expect_eq(len, 40);
}

Test(ring, refuses_a_length_that_passes_the_write_index)
{
	size_t len;

	forge(0, 2, 9);
	header->write_index = 72;
	cr_expect_eq(pop(&len), RING_CORRUPT);
	cr_expect_eq(header->read_index, 0);
}

Test(ring, refuses_descriptors_that_contradict_themselves)
{
	static const uint16_t wrong[][2] = {
		{ 2, 0 }, { 2, 1 }, { 1, 4 }, { 0, 4 }, { 5, 4 },
		{ 2, UINT16_MAX },
	};
	size_t len;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		setup();
		forge(0, wrong[i][0], wrong[i][1]);
		header->write_index = 128;
		cr_expect_eq(pop(&len), RING_CORRUPT, "descriptor %zu", i);
	}
}

Test(ring, is_corrupt_for_good_once_an_index_is_wrong)
{
	static const uint32_t wrong[] = { 4, SIZE, SIZE + 8, UINT32_MAX };
	size_t len;

	for (size_t i = 0; i < 4; i++) {
		setup();
		header->write_index = wrong[i];
		cr_expect_eq(pop(&len), RING_CORRUPT);
		header->write_index = 0;
		cr_expect_eq(pop(&len), RING_CORRUPT);
		cr_expect_eq(ring_reader_unmask(&reader), RING_CORRUPT);
	}
}

Test(ring, refuses_a_write_index_that_goes_back)
{
	bool signal;
	size_t len;

	push(16, &signal);
	push(16, &signal);
	cr_assert_eq(pop(&len), RING_OK);
	header->write_index = 24;
	cr_expect_eq(ring_reader_unmask(&reader), RING_CORRUPT);
}

Test(ring, refuses_a_read_index_that_passes_the_write_index)
{
	bool signal;

	push(16, &signal);
	header->read_index = 48;
	cr_expect_eq(ring_writer_await(&writer, 16), RING_CORRUPT);
	cr_expect_eq(push(16, &signal), RING_CORRUPT);
}

Test(ring, shows_its_fill_to_who_looks_on)
{
	static const uint32_t wrong[] = { 4, 4096, UINT32_MAX };
	bool signal;
	uint32_t fill;

	push(16, &signal);
	cr_assert(ring_fill(header, 4096, &fill));
	cr_expect_eq(fill, 24);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		setup();
		header->write_index = wrong[i];
		cr_expect_not(ring_fill(header, 4096, &fill));
		setup();
		header->read_index = wrong[i];
		cr_expect_not(ring_fill(header, 4096, &fill));
	}
}

Test(ring, does_not_read_its_own_index_back)
{
	bool signal;
	size_t len;

	push(16, &signal);
	push(24, &signal);
	pop(&len);
	header->read_index = 40;
	cr_expect_eq(pop(&len), RING_OK);
	cr_expect_eq(len, 24);
	ring_reader_publish(&reader);
	cr_expect_eq(header->read_index, 24 + 32);
}
