/* SPDX-License-Identifier: Apache-2.0 */
/* A logical unit: its state, and which commands come to what. */
#include "storage/disk.h"

#include <errno.h>

#define NAA_LOCALLY_ASSIGNED (UINT64_C(3) << 60)

#define START_BIT 0x01
#define LOAD_EJECT_BIT 0x02
#define POWER_CONDITION 0xf0
#define PREVENT_BITS 0x03
#define BYTE_CHECK_BITS 0x06

#define BLOCKS_PER_PHYSICAL_LOG2 3 /* pages of 4 KiB lie under a disk */
#define UNMAP_HEADER 8u
#define UNMAP_DESCRIPTOR 16u
#define UNMAP_ANCHOR 0x01

/* FNV-1a: all that matters is that it stays the same for ever. */
static uint64_t
serial_hash(const char *serial)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *serial != '\0'; serial++)
		hash = (hash ^ (uint8_t)*serial) * UINT64_C(0x100000001b3);
	return hash;
}

static void
disk_measure(struct disk *d)
{
	d->blocks = d->is.backend->size / d->block;
}

void
disk_init(struct disk *d, const struct disk_setup *setup, uint8_t lun)
{
	memset(d, 0, sizeof(*d));
	d->is = *setup;
	d->is.readonly = setup->readonly || setup->dvd;
	d->lun = lun;
	d->block = setup->dvd ? DISK_DVD_BLOCK : DISK_BLOCK;
	d->naa = NAA_LOCALLY_ASSIGNED | serial_hash(setup->serial) >> 4;
	disk_measure(d);
}

void
disk_resized(struct disk *d)
{
	disk_measure(d);
	d->attention = d->is.dvd ? SCSI_ASC_MEDIUM_CHANGED
				 : SCSI_ASC_CAPACITY_CHANGED;
}

struct sense
disk_attention(struct disk *d, const struct cdb *c)
{
	struct sense s = { SCSI_UNIT_ATTENTION, (uint16_t)d->attention };

	if (c->command == CDB_INQUIRY || c->command == CDB_REPORT_LUNS ||
	    d->attention == SCSI_ASC_NONE)
		return SENSE_NONE;
	/* Who asks for it gets it as data. */
	if (c->command == CDB_REQUEST_SENSE)
		return SENSE_NONE;
	d->attention = SCSI_ASC_NONE;
	return s;
}

struct sense
disk_error_sense(enum disk_op op, int error)
{
	switch (error) {
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return (struct sense){ SCSI_DATA_PROTECT, SCSI_ASC_NO_SPACE };
	case EROFS:
	case EPERM:
	case EBADF:
		return (struct sense){ SCSI_DATA_PROTECT,
			SCSI_ASC_WRITE_PROTECTED };
	case EIO:
	case ENODATA:
	case EILSEQ:
		return (struct sense){ SCSI_MEDIUM_ERROR,
			op == DISK_READ ? SCSI_ASC_UNRECOVERED_READ_ERROR
					: SCSI_ASC_WRITE_ERROR };
	default:
		return (struct sense){ SCSI_HARDWARE_ERROR,
			SCSI_ASC_INTERNAL_FAILURE };
	}
}

static struct sense
check_ready(const struct disk *d)
{
	if (d->ejected)
		return (struct sense){ SCSI_NOT_READY, SCSI_ASC_NO_MEDIUM };
	return SENSE_NONE;
}

static struct sense
check_range(const struct disk *d, uint64_t lba, uint64_t count)
{
	if (lba > d->blocks || count > d->blocks - lba)
		return SENSE_ILLEGAL(SCSI_ASC_LBA_OUT_OF_RANGE);
	return SENSE_NONE;
}

static struct sense
execute_transfer(const struct disk *d, const struct cdb *c,
    struct disk_answer *a)
{
	struct sense s = check_range(d, c->lba, c->count);

	if (s.key != SCSI_NO_SENSE)
		return s;
	if (c->command == CDB_WRITE && d->is.readonly)
		return (struct sense){ SCSI_DATA_PROTECT,
			SCSI_ASC_WRITE_PROTECTED };
	if (c->count > DISK_TRANSFER_MAX / d->block)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	if (c->count == 0)
		return SENSE_NONE;
	a->verdict = DISK_IO;
	a->io.op = c->command == CDB_WRITE ? DISK_WRITE : DISK_READ;
	a->io.durable = c->command == CDB_WRITE && c->fua;
	a->io.offset = c->lba * d->block;
	a->io.length = (uint64_t)c->count * d->block;
	return SENSE_NONE;
}

static void
begin_flush(const struct disk *d, struct disk_answer *a)
{
	if (d->is.readonly)
		return;
	a->verdict = DISK_IO;
	a->io.op = DISK_FLUSH;
}

static struct sense
execute_flush(const struct disk *d, const struct cdb *c,
    struct disk_answer *a)
{
	struct sense s = check_range(d, c->lba, c->count);

	if (s.key == SCSI_NO_SENSE)
		begin_flush(d, a);
	return s;
}

/* What is on the medium is not compared with what the guest thinks. */
static struct sense
execute_verify(const struct disk *d, const struct cdb *c)
{
	if ((c->bytes[1] & BYTE_CHECK_BITS) != 0)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	return check_range(d, c->lba, c->count);
}

static struct sense
execute_start_stop(struct disk *d, const struct cdb *c, struct disk_answer *a)
{
	bool start = (c->bytes[4] & START_BIT) != 0;

	if ((c->bytes[4] & POWER_CONDITION) != 0)
		return SENSE_NONE;
	if (!start)
		begin_flush(d, a);
	if (!d->is.dvd || (c->bytes[4] & LOAD_EJECT_BIT) == 0)
		return SENSE_NONE;
	if (!start && d->locked)
		return SENSE_ILLEGAL(SCSI_ASC_REMOVAL_PREVENTED);
	if (start && d->ejected)
		d->attention = SCSI_ASC_MEDIUM_CHANGED;
	d->ejected = !start;
	return SENSE_NONE;
}

static struct sense
execute_capacity(const struct disk *d, struct reply *r)
{
	uint64_t last = d->blocks - 1;

	reply_add_be(r, 4, last > UINT32_MAX ? UINT32_MAX : last);
	reply_add_be(r, 4, d->block);
	return SENSE_NONE;
}

static struct sense
execute_capacity_16(const struct disk *d, struct reply *r)
{
	uint8_t *at = reply_add(r, 32);

	be_put(at, 8, d->blocks - 1);
	be_put(at + 8, 4, d->block);
	if (!d->is.dvd)
		at[13] = BLOCKS_PER_PHYSICAL_LOG2;
	if (d->is.backend->discards && !d->is.readonly)
		at[14] = (uint8_t)(0x80 | (d->is.backend->zeroes ? 0x40 : 0));
	return SENSE_NONE;
}

static struct sense
execute_request_sense(struct disk *d, struct reply *r)
{
	struct sense s = SENSE_NONE;

	if (d->attention != SCSI_ASC_NONE) {
		s.key = SCSI_UNIT_ATTENTION;
		s.asc = (uint16_t)d->attention;
		d->attention = SCSI_ASC_NONE;
	}
	sense_write(s, reply_add(r, SENSE_SIZE));
	return SENSE_NONE;
}

static struct sense
execute_medium(struct disk *d, const struct cdb *c, struct disk_answer *a)
{
	struct sense s = check_ready(d);

	if (s.key != SCSI_NO_SENSE)
		return s;
	switch (c->command) {
	case CDB_READ:
	case CDB_WRITE:
		return execute_transfer(d, c, a);
	case CDB_SYNCHRONIZE_CACHE:
		return execute_flush(d, c, a);
	case CDB_VERIFY:
		return execute_verify(d, c);
	case CDB_READ_CAPACITY:
		a->allocation = 8;
		return execute_capacity(d, &a->reply);
	case CDB_READ_CAPACITY_16:
		return execute_capacity_16(d, &a->reply);
	default:
		return SENSE_NONE; /* TEST UNIT READY */
	}
}

static struct sense
execute(struct disk *d, const struct cdb *c, struct disk_answer *a)
{
	switch (c->command) {
	case CDB_READ:
	case CDB_WRITE:
	case CDB_SYNCHRONIZE_CACHE:
	case CDB_VERIFY:
	case CDB_TEST_UNIT_READY:
	case CDB_READ_CAPACITY:
	case CDB_READ_CAPACITY_16:
		return execute_medium(d, c, a);
	case CDB_REQUEST_SENSE:
		return execute_request_sense(d, &a->reply);
	case CDB_INQUIRY:
		return disk_inquiry(d, c, &a->reply);
	case CDB_MODE_SENSE:
		return disk_mode_sense(d, c, &a->reply);
	case CDB_START_STOP:
		return execute_start_stop(d, c, a);
	case CDB_PREVENT_REMOVAL:
		d->locked = (c->bytes[4] & PREVENT_BITS) != 0;
		return SENSE_NONE;
	default:
		if (!d->is.dvd)
			return SENSE_ILLEGAL(SCSI_ASC_INVALID_OPCODE);
		return disk_dvd(d, c, &a->reply);
	}
}

void
disk_execute(struct disk *d, const struct cdb *c, struct disk_answer *a)
{
	a->verdict = DISK_ANSWERED;
	a->allocation = c->count;
	a->reply.len = 0;
	memset(&a->io, 0, sizeof(a->io));
	a->sense = disk_attention(d, c);
	if (a->sense.key == SCSI_NO_SENSE)
		a->sense = execute(d, c, a);
	if (a->sense.key != SCSI_NO_SENSE)
		a->verdict = DISK_REFUSED;
}

/* One descriptor; an empty one names nothing. */
static struct sense
unmap_descriptor(const struct disk *d, const uint8_t *at,
    struct disk_range *ranges, unsigned *count)
{
	uint64_t lba = be_get(at, 8), blocks = be_get(at + 8, 4);
	struct sense s = check_range(d, lba, blocks);

	if (s.key != SCSI_NO_SENSE)
		return s;
	if (blocks > DISK_DISCARD_MAX / d->block ||
	    *count == DISK_DISCARD_RANGES)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_LIST);
	if (blocks > 0)
		ranges[(*count)++] = (struct disk_range){
			.offset = lba * d->block,
			.length = blocks * d->block,
		};
	return SENSE_NONE;
}

struct sense
disk_unmap_parse(const struct disk *d, const uint8_t *list, size_t len,
    struct disk_range *ranges, unsigned *count)
{
	struct sense s = SENSE_NONE;
	size_t described;

	*count = 0;
	if (len == 0)
		return SENSE_NONE;
	if (len < UNMAP_HEADER)
		return SENSE_ILLEGAL(SCSI_ASC_PARAMETER_LIST_LENGTH);
	described = (size_t)be_get(list + 2, 2);
	if (described > len - UNMAP_HEADER)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_LIST);
	for (size_t at = 0; s.key == SCSI_NO_SENSE &&
	    described - at >= UNMAP_DESCRIPTOR; at += UNMAP_DESCRIPTOR)
		s = unmap_descriptor(d, list + UNMAP_HEADER + at, ranges,
		    count);
	return s;
}
