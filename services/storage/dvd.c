/* SPDX-License-Identifier: Apache-2.0 */
/* Commands that only drives of CDs and DVDs have; there is one data track. */
#include "storage/disk.h"

#define DATA_TRACK 0x14
#define LEAD_OUT 0xaa
#define MSF_BIT 0x02
#define BLOCKS_PER_SECOND 75u
#define SECONDS_PER_MINUTE 60u
#define MSF_OFFSET 150u

#define PROFILE_CD_ROM 0x0008
#define PROFILE_DVD_ROM 0x0010
#define CD_BLOCKS_MAX 405000u /* 90 minutes; beyond it must be a DVD */

#define EVENT_POLLED 0x01
#define EVENT_CLASS_MEDIA 4
#define EVENT_NONE_AVAILABLE 0x80
#define MEDIA_PRESENT 0x02
#define TRAY_OPEN 0x01

enum feature {
	FEATURE_PROFILES = 0x0000,
	FEATURE_CORE = 0x0001,
	FEATURE_REMOVABLE = 0x0003,
	FEATURE_RANDOM_READ = 0x0010,
};

static struct sense
check_medium(const struct disk *d)
{
	if (d->ejected)
		return (struct sense){ SCSI_NOT_READY, SCSI_ASC_NO_MEDIUM };
	return SENSE_NONE;
}

static void
address_put(uint8_t *at, uint64_t lba, bool msf)
{
	uint64_t seconds;

	if (!msf) {
		be_put(at, 4, lba);
		return;
	}
	lba += MSF_OFFSET;
	seconds = lba / BLOCKS_PER_SECOND;
	at[1] = (uint8_t)(seconds / SECONDS_PER_MINUTE > 255
		? 255 : seconds / SECONDS_PER_MINUTE);
	at[2] = (uint8_t)(seconds % SECONDS_PER_MINUTE);
	at[3] = (uint8_t)(lba % BLOCKS_PER_SECOND);
}

static void
track_add(struct reply *r, uint8_t number, uint64_t lba, bool msf)
{
	uint8_t *at = reply_add(r, 8);

	at[1] = DATA_TRACK;
	at[2] = number;
	address_put(at + 4, lba, msf);
}

static struct sense
read_toc(const struct disk *d, const struct cdb *c, struct reply *r)
{
	bool msf = (c->bytes[1] & MSF_BIT) != 0;
	uint8_t format = c->bytes[2] & 0x0f, first = c->bytes[6];
	uint8_t *head = reply_add(r, 4);

	/* Old callers have the format in the upper bits of the last byte. */
	if (format == 0)
		format = c->bytes[9] >> 6;
	if (format > 1 || (first > 1 && first != LEAD_OUT))
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	head[2] = 1;
	head[3] = 1;
	if (format == 1 || first <= 1)
		track_add(r, 1, 0, msf);
	if (format == 0)
		track_add(r, LEAD_OUT, d->blocks, msf);
	be_put(head, 2, r->len - 2);
	return SENSE_NONE;
}

static void
feature_add(struct reply *r, uint16_t feature, bool current, uint8_t size)
{
	uint8_t *at = reply_add(r, (size_t)4 + size);

	be_put(at, 2, feature);
	at[2] = (uint8_t)(0x02 | (current ? 0x01 : 0)); /* persistent */
	at[3] = size;
}

static void
feature_fill(const struct disk *d, uint16_t feature, uint16_t profile,
    struct reply *r)
{
	uint8_t *at = r->bytes + r->len + 4;

	switch (feature) {
	case FEATURE_PROFILES:
		feature_add(r, feature, true, 8);
		be_put(at, 2, PROFILE_DVD_ROM);
		at[2] = profile == PROFILE_DVD_ROM;
		be_put(at + 4, 2, PROFILE_CD_ROM);
		at[6] = profile == PROFILE_CD_ROM;
		break;
	case FEATURE_CORE:
		feature_add(r, feature, true, 4);
		be_put(at, 4, 1); /* SCSI */
		break;
	case FEATURE_REMOVABLE:
		feature_add(r, feature, true, 4);
		at[0] = 0x29; /* tray, ejects, locks */
		break;
	case FEATURE_RANDOM_READ:
		feature_add(r, feature, !d->ejected, 8);
		be_put(at, 4, d->block);
		be_put(at + 4, 2, 1);
		break;
	default:
		break;
	}
}

static struct sense
get_configuration(const struct disk *d, const struct cdb *c, struct reply *r)
{
	static const uint16_t features[] = { FEATURE_PROFILES, FEATURE_CORE,
		FEATURE_REMOVABLE, FEATURE_RANDOM_READ };
	uint16_t start = (uint16_t)be_get(c->bytes + 2, 2), profile = 0;
	uint8_t wanted = c->bytes[1] & 0x03;
	uint8_t *head = reply_add(r, 8);

	if (wanted == 3)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	if (!d->ejected)
		profile = d->blocks > CD_BLOCKS_MAX ? PROFILE_DVD_ROM
						    : PROFILE_CD_ROM;
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++)
		if (wanted == 2 ? features[i] == start : features[i] >= start)
			feature_fill(d, features[i], profile, r);
	be_put(head, 4, r->len - 4);
	be_put(head + 6, 2, profile);
	return SENSE_NONE;
}

/* Nothing ever happens that the guest did not do itself. */
static struct sense
get_event_status(const struct disk *d, const struct cdb *c, struct reply *r)
{
	uint8_t *at;

	if ((c->bytes[1] & EVENT_POLLED) == 0)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	at = reply_add(r, 4);
	at[2] = EVENT_NONE_AVAILABLE;
	at[3] = 1 << EVENT_CLASS_MEDIA;
	if ((c->bytes[4] & 1 << EVENT_CLASS_MEDIA) != 0) {
		at[2] = EVENT_CLASS_MEDIA;
		reply_add(r, 4)[1] = d->ejected ? TRAY_OPEN : MEDIA_PRESENT;
	}
	be_put(at, 2, r->len - 2);
	return SENSE_NONE;
}

static struct sense
read_disc_information(struct reply *r)
{
	uint8_t *at = reply_add(r, 34);

	be_put(at, 2, 32);
	at[2] = 0x0e; /* complete, and so is its last session */
	at[3] = 1;    /* first track, sessions, tracks of the last one */
	at[4] = 1;
	at[5] = 1;
	at[6] = 1;
	return SENSE_NONE;
}

static struct sense
mechanism_status(const struct disk *d, struct reply *r)
{
	uint8_t *at = reply_add(r, 8);

	at[1] = d->ejected ? 0x10 : 0;
	return SENSE_NONE;
}

struct sense
disk_dvd(const struct disk *d, const struct cdb *c, struct reply *r)
{
	struct sense s;

	switch (c->command) {
	case CDB_GET_CONFIGURATION:
		return get_configuration(d, c, r);
	case CDB_GET_EVENT_STATUS:
		return get_event_status(d, c, r);
	case CDB_MECHANISM_STATUS:
		return mechanism_status(d, r);
	case CDB_READ_TOC:
		s = check_medium(d);
		return s.key != SCSI_NO_SENSE ? s : read_toc(d, c, r);
	case CDB_READ_DISC_INFORMATION:
		s = check_medium(d);
		return s.key != SCSI_NO_SENSE ? s : read_disc_information(r);
	default:
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_OPCODE);
	}
}
