/* SPDX-License-Identifier: Apache-2.0 */
/* Lets a made-up guest access ports and device memory in any order. */
#include <assert.h>

#include "worker/acpi.h"
#include "worker/bytes.h"
#include "worker/devices.h"

#define STEP 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t output[DEVICES_OUTPUT_SIZE];

/* Mostly the ports that somebody answers. */
static uint16_t
port_of(uint8_t kind, uint16_t any)
{
	static const uint16_t known[] = { 0x3f8, 0x3f9, 0x3fa, 0x3fb, 0x3fc,
		0x3fd, 0x3fe, 0x3ff, 0x70, 0x71, 0x61, 0x64, 0xe9, 0xf4,
		0xcf8, 0xcf9, 0x600, 0x601, 0x602, 0x604 };
	size_t n = sizeof(known) / sizeof(known[0]);

	return kind % (n + 1) == n ? any : known[kind % (n + 1)];
}

static void
step(struct devices *d, const uint8_t *p)
{
	unsigned size = 1u << (p[0] >> 3) % 3;
	uint16_t port = port_of(p[1], get16(p + 2));
	uint64_t gpa = 0xfec00000 + (p[1] % 5) * 8u;
	struct devices_effect fx = { .order = DEVICES_GO_ON };

	switch (p[0] % 6) {
	case 0:
		devices_in(d, port, size, &fx);
		break;
	case 1:
		devices_out(d, port, size, get32(p + 4), &fx);
		break;
	case 2:
		devices_load(d, gpa, 4);
		break;
	case 3:
		devices_store(d, gpa, 4, get32(p + 4));
		break;
	case 4:
		devices_type(d, p + 4, p[1] % 5, &fx);
		break;
	case 5:
		devices_press_power(d, &fx);
		break;
	}
	assert(fx.order <= DEVICES_DEBUG_EXIT);
	assert(d->uart.received_count <= UART_RECEIVE_MAX);
	assert(d->uart.received_first < UART_RECEIVE_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct devices d;

	devices_init(&d, true, output);
	for (; size >= STEP; data += STEP, size -= STEP)
		step(&d, data);
	return 0;
}
