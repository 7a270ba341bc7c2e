/* SPDX-License-Identifier: Apache-2.0 */
/* The clock chip of a PC, as far as a kernel reads the time from it. */
#ifndef MULLION_WORKER_CMOS_H
#define MULLION_WORKER_CMOS_H

#include <stdint.h>
#include <time.h>

#define CMOS_BYTES 128

struct cmos {
	uint8_t index;
	uint8_t ram[CMOS_BYTES];
};

void cmos_init(struct cmos *c);

/* The child writes the index port, 0x70; bit 7 is the NMI gate. */
void cmos_select(struct cmos *c, uint8_t value);

/* The child reads the data port, 0x71, while it is @now, in UTC. */
uint8_t cmos_read(const struct cmos *c, time_t now);

/* The child writes the data port; time and status stay as they are. */
void cmos_write(struct cmos *c, uint8_t value);

#endif
