/* SPDX-License-Identifier: Apache-2.0 */
/* Where the fields of each command are. */
#include "storage/cdb.h"

#include "storage/reply.h"

#define LBA_6_MASK 0x1fffff
#define BIT_FUA 0x08
#define BITS_PROTECT 0xe0
#define SERVICE_ACTION 0x1f

struct layout {
	uint8_t opcode;
	uint8_t command; /* enum cdb_command */
	uint8_t lba_at;
	uint8_t lba_size; /* 0: there is none */
	uint8_t count_at;
	uint8_t count_size; /* 0: there is none */
};

static const struct layout layouts[] = {
	{ SCSI_READ_10, CDB_READ, 2, 4, 7, 2 },
	{ SCSI_WRITE_10, CDB_WRITE, 2, 4, 7, 2 },
	{ SCSI_SYNCHRONIZE_CACHE_10, CDB_SYNCHRONIZE_CACHE, 2, 4, 7, 2 },
	{ SCSI_READ_16, CDB_READ, 2, 8, 10, 4 },
	{ SCSI_WRITE_16, CDB_WRITE, 2, 8, 10, 4 },
	{ SCSI_UNMAP, CDB_UNMAP, 0, 0, 7, 2 },
	{ SCSI_SYNCHRONIZE_CACHE_16, CDB_SYNCHRONIZE_CACHE, 2, 8, 10, 4 },
	{ SCSI_TEST_UNIT_READY, CDB_TEST_UNIT_READY, 0, 0, 0, 0 },
	{ SCSI_READ_12, CDB_READ, 2, 4, 6, 4 },
	{ SCSI_WRITE_12, CDB_WRITE, 2, 4, 6, 4 },
	{ SCSI_READ_6, CDB_READ, 1, 3, 4, 1 },
	{ SCSI_WRITE_6, CDB_WRITE, 1, 3, 4, 1 },
	{ SCSI_VERIFY_10, CDB_VERIFY, 2, 4, 7, 2 },
	{ SCSI_VERIFY_12, CDB_VERIFY, 2, 4, 6, 4 },
	{ SCSI_VERIFY_16, CDB_VERIFY, 2, 8, 10, 4 },
	{ SCSI_INQUIRY, CDB_INQUIRY, 0, 0, 3, 2 },
	{ SCSI_REPORT_LUNS, CDB_REPORT_LUNS, 0, 0, 6, 4 },
	{ SCSI_REQUEST_SENSE, CDB_REQUEST_SENSE, 0, 0, 4, 1 },
	{ SCSI_MODE_SENSE_6, CDB_MODE_SENSE, 0, 0, 4, 1 },
	{ SCSI_MODE_SENSE_10, CDB_MODE_SENSE, 0, 0, 7, 2 },
	{ SCSI_READ_CAPACITY_10, CDB_READ_CAPACITY, 0, 0, 0, 0 },
	{ SCSI_SERVICE_ACTION_IN_16, CDB_READ_CAPACITY_16, 0, 0, 10, 4 },
	{ SCSI_START_STOP_UNIT, CDB_START_STOP, 0, 0, 0, 0 },
	{ SCSI_PREVENT_REMOVAL, CDB_PREVENT_REMOVAL, 0, 0, 0, 0 },
	{ SCSI_READ_TOC, CDB_READ_TOC, 0, 0, 7, 2 },
	{ SCSI_GET_CONFIGURATION, CDB_GET_CONFIGURATION, 0, 0, 7, 2 },
	{ SCSI_GET_EVENT_STATUS, CDB_GET_EVENT_STATUS, 0, 0, 7, 2 },
	{ SCSI_READ_DISC_INFORMATION, CDB_READ_DISC_INFORMATION, 0, 0, 7, 2 },
	{ SCSI_MECHANISM_STATUS, CDB_MECHANISM_STATUS, 0, 0, 8, 2 },
};

static const struct layout *
layout_find(uint8_t opcode)
{
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++)
		if (layouts[i].opcode == opcode)
			return &layouts[i];
	return NULL;
}

/* The upper three bits of the opcode say how long a block is. */
static size_t
block_length(uint8_t opcode)
{
	static const uint8_t lengths[8] = { 6, 10, 10, 0, 16, 12, 0, 0 };

	return lengths[opcode >> 5];
}

static bool
has_blocks(enum cdb_command c)
{
	return c == CDB_READ || c == CDB_WRITE || c == CDB_VERIFY;
}

/* Old blocks of six bytes have a shorter address, and 0 means 256 blocks. */
static void
decode_6(struct cdb *out)
{
	out->lba &= LBA_6_MASK;
	if (out->count == 0)
		out->count = 256;
}

struct sense
cdb_decode(const uint8_t *bytes, size_t len, struct cdb *out)
{
	const struct layout *l = len > 0 ? layout_find(bytes[0]) : NULL;
	size_t need;

	memset(out, 0, sizeof(*out));
	if (l == NULL)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_OPCODE);
	need = block_length(bytes[0]);
	if (len < need)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	memcpy(out->bytes, bytes, need);
	out->command = (enum cdb_command)l->command;
	out->lba = be_get(bytes + l->lba_at, l->lba_size);
	out->count = (uint32_t)be_get(bytes + l->count_at, l->count_size);
	out->mode_10 = bytes[0] == SCSI_MODE_SENSE_10;
	if (bytes[0] == SCSI_SERVICE_ACTION_IN_16 &&
	    (bytes[1] & SERVICE_ACTION) != SCSI_ACTION_READ_CAPACITY_16)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	if (!has_blocks(out->command))
		return SENSE_NONE;
	if (need == 6) {
		decode_6(out);
		return SENSE_NONE;
	}
	/* There is no protection information to check or to give. */
	if ((bytes[1] & BITS_PROTECT) != 0)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	out->fua = (bytes[1] & BIT_FUA) != 0;
	return SENSE_NONE;
}
