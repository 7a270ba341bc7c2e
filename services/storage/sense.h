/* SPDX-License-Identifier: Apache-2.0 */
/* What a SCSI command ends with, and fixed-format sense data. */
#ifndef MULLION_STORAGE_SENSE_H
#define MULLION_STORAGE_SENSE_H

#include <stdint.h>
#include <string.h>

#include "storage/scsi.h"

#define SENSE_SIZE 18

struct sense {
	uint8_t key; /* SCSI_NO_SENSE: it went well */
	uint16_t asc;
};

#define SENSE_NONE ((struct sense){ SCSI_NO_SENSE, SCSI_ASC_NONE })
#define SENSE_ILLEGAL(asc) ((struct sense){ SCSI_ILLEGAL_REQUEST, (asc) })

/* @out as SPC-4 4.5.3 lays it out: current, no information. */
static inline void
sense_write(struct sense s, uint8_t out[SENSE_SIZE])
{
	memset(out, 0, SENSE_SIZE);
	out[0] = 0x70;
	out[2] = s.key;
	out[7] = SENSE_SIZE - 8;
	out[12] = (uint8_t)(s.asc >> 8);
	out[13] = (uint8_t)s.asc;
}

#endif
