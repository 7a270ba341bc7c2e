/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A guest that lies in all it says to its host over VMBus: rounds=N, seed=N.
 * The verdict is that the host still answers one that does not.
 */
#include "lib/cpu.h"
#include "lib/payload.h"
#include "lib/smp.h"
#include "lies.h"

#define DEFAULT_ROUNDS 100u
#define DEFAULT_SEED 1u
#define PACKETS 40u
#define BACK_MS 3000u		/* for a channel that was taken away */

static struct {
	volatile uint8_t *at;	/* NULL: leave all alone */
	volatile bool end;
} scribble;

static uint32_t opened, sent;

/* The other processor changes what the host looks at. */
static void
scribbler(void *argument)
{
	uint64_t n = 1;

	(void)argument;
	while (!scribble.end) {
		volatile uint8_t *at = scribble.at;

		n = n * UINT64_C(6364136223846793005) + 1;
		if (at != NULL)
			at[(n >> 33) % (2 * BUS_RING_PAGES * PAGE)] ^=
			    (uint8_t)(n >> 60);
		cpu_pause();
	}
}

static struct bus_channel *
channel_some(void)
{
	uint32_t first = lies_below(BUS_CHANNELS);

	for (uint32_t i = 0; i < BUS_CHANNELS; i++) {
		struct bus_channel *c =
		    &bus_channels[(first + i) % BUS_CHANNELS];

		if (c->relid != 0)
			return c;
	}
	return NULL;
}

static void
talk(struct bus_channel *c, bool rude)
{
	static uint8_t packet[LIES_PACKET_MAX];

	for (uint32_t i = 0; i < PACKETS && c->open; i++) {
		sent += bus_send(c, packet, lies_packet(c, packet, rude));
		while (lies_chance(80) &&
		    bus_receive(c, packet, sizeof(packet)) != 0)
			continue;
		if (rude && lies_chance(5))
			lies_ring(c);
		if (lies_chance(5))
			lies_message();
		bus_poll();
	}
}

static void
round_play(bool late)
{
	struct bus_channel *c = channel_some();
	/* Disks that were taken away do not come again. */
	bool rude = lies_chance(30) &&
	    (late || c == NULL || c->class_first != CLASS_SCSI);

	for (uint32_t i = lies_below(20); i > 0; i--)
		lies_message();
	if (c == NULL || !bus_open(c)) {
		WAIT_MS((bus_poll(), channel_some() != NULL), BACK_MS);
		return;
	}
	opened++;
	if (lies_chance(90))
		lies_greet(c);
	scribble.at = rude && lies_chance(50) ?
	    (volatile uint8_t *)c->out : NULL;
	talk(c, rude);
	scribble.at = NULL;
	/* Others stay open until the guest leaves as a whole. */
	if (lies_chance(80))
		bus_close(c);
}

static void
connect_check(void)
{
	CHECK(bus_unload(), "the host does not let go");
	CHECK(bus_connect(), "the host does not answer");
}

void
payload_run(void)
{
	uint64_t rounds = payload_number("rounds", DEFAULT_ROUNDS);
	uint64_t seed = payload_number("seed", DEFAULT_SEED);

	lies_seed(seed);
	bus_start();
	smp_start();
	smp_run(1, scribbler, NULL);
	for (uint32_t i = 0; i < 50; i++)
		lies_message();
	CHECK(bus_connect(), "the host does not answer");
	for (uint64_t i = 0; i < rounds; i++) {
		round_play(i >= rounds / 4 * 3);
		if (i % 16 == 15)
			connect_check();
	}
	scribble.end = true;
	connect_check();
	say("hostile: seed %lu, %lu rounds, %u channels opened, %u packets, "
	    "%u offers, %u taken back\n", seed, rounds, opened, sent,
	    bus_answers[BUS_OFFER], bus_answers[BUS_RESCIND]);
}
