/* SPDX-License-Identifier: Apache-2.0 */
/* Command descriptor blocks, understood. */
#ifndef MULLION_STORAGE_CDB_H
#define MULLION_STORAGE_CDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "storage/sense.h"

#define CDB_SIZE_MAX 16

/* Commands, whatever the size of their block. */
enum cdb_command {
	CDB_TEST_UNIT_READY,
	CDB_REQUEST_SENSE,
	CDB_INQUIRY,
	CDB_MODE_SENSE,
	CDB_START_STOP,
	CDB_PREVENT_REMOVAL,
	CDB_READ_CAPACITY,
	CDB_READ_CAPACITY_16,
	CDB_READ,
	CDB_WRITE,
	CDB_VERIFY,
	CDB_SYNCHRONIZE_CACHE,
	CDB_UNMAP,
	CDB_REPORT_LUNS,
	CDB_READ_TOC,
	CDB_GET_CONFIGURATION,
	CDB_GET_EVENT_STATUS,
	CDB_READ_DISC_INFORMATION,
	CDB_MECHANISM_STATUS,
	CDB_COMMANDS,
};

struct cdb {
	enum cdb_command command;
	uint64_t lba;
	/* Blocks, or bytes of the answer or of the parameter list. */
	uint32_t count;
	bool fua;			/* of reads and writes */
	bool mode_10;			/* MODE SENSE of ten bytes */
	uint8_t bytes[CDB_SIZE_MAX];	/* the rest is zero */
};

/*
 * Understand @len bytes. SENSE_NONE; or why not: no such command, or a block
 * that is too short or asks for what does not exist.
 */
struct sense cdb_decode(const uint8_t *bytes, size_t len, struct cdb *out);

#endif
