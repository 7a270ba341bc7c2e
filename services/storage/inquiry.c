/* SPDX-License-Identifier: Apache-2.0 */
/* INQUIRY: standard data and vital product data. */
#include "storage/disk.h"

#define VERSION_SPC_4 0x06
#define RESPONSE_FORMAT 0x02
#define REMOVABLE 0x80
#define COMMAND_QUEUE 0x02
#define EVPD 0x01
#define STANDARD_SIZE 36u
#define HEADER_SIZE 4u

#define DESIGNATOR_BINARY 1
#define DESIGNATOR_ASCII 2
#define DESIGNATOR_T10 1
#define DESIGNATOR_NAA 3

#define VENDOR "MULLION"
#define VENDOR_SIZE 8u
#define PRODUCT_SIZE 16u
#define REVISION_SIZE 4u

#define DISCARD_GRANULARITY 4096u

enum page {
	PAGE_SUPPORTED = 0x00,
	PAGE_SERIAL = 0x80,
	PAGE_IDENTIFICATION = 0x83,
	PAGE_LIMITS = 0xb0,
	PAGE_CHARACTERISTICS = 0xb1,
	PAGE_PROVISIONING = 0xb2,
};

static uint8_t
device_type(const struct disk *d)
{
	return d->is.dvd ? SCSI_TYPE_DVD : SCSI_TYPE_DISK;
}

static bool
can_discard(const struct disk *d)
{
	return d->is.backend->discards && !d->is.readonly;
}

static void
standard_data(uint8_t type, bool removable, const char *product,
    struct reply *r)
{
	uint8_t *at = reply_add(r, 8);

	at[0] = type;
	at[1] = removable ? REMOVABLE : 0;
	at[2] = VERSION_SPC_4;
	at[3] = RESPONSE_FORMAT;
	at[4] = STANDARD_SIZE - 5;
	at[7] = COMMAND_QUEUE;
	reply_add_text(r, VENDOR, VENDOR_SIZE);
	reply_add_text(r, product, PRODUCT_SIZE);
	reply_add_text(r, "1", REVISION_SIZE);
}

void
disk_inquiry_absent(struct reply *r)
{
	standard_data(SCSI_TYPE_NONE, false, "", r);
}

static void
page_supported(const struct disk *d, struct reply *r)
{
	static const uint8_t both[] = { PAGE_SUPPORTED, PAGE_SERIAL,
		PAGE_IDENTIFICATION };
	static const uint8_t of_disks[] = { PAGE_LIMITS, PAGE_CHARACTERISTICS,
		PAGE_PROVISIONING };

	memcpy(reply_add(r, sizeof(both)), both, sizeof(both));
	if (!d->is.dvd)
		memcpy(reply_add(r, sizeof(of_disks)), of_disks,
		    sizeof(of_disks));
}

/* Both names carry the same: one for programs, one for people. */
static void
page_identification(const struct disk *d, struct reply *r)
{
	size_t serial = strlen(d->is.serial);
	uint8_t *at = reply_add(r, 4);

	at[0] = DESIGNATOR_BINARY;
	at[1] = DESIGNATOR_NAA;
	at[3] = 8;
	reply_add_be(r, 8, d->naa);
	at = reply_add(r, 4);
	at[0] = DESIGNATOR_ASCII;
	at[1] = DESIGNATOR_T10;
	at[3] = (uint8_t)(VENDOR_SIZE + serial);
	reply_add_text(r, VENDOR, VENDOR_SIZE);
	reply_add_text(r, d->is.serial, serial);
}

static void
page_limits(const struct disk *d, struct reply *r)
{
	uint8_t *at = reply_add(r, 60) - HEADER_SIZE; /* as SBC counts */

	be_put(at + 6, 2, DISCARD_GRANULARITY / d->block);
	be_put(at + 8, 4, DISK_TRANSFER_MAX / d->block);
	be_put(at + 12, 4, DISK_TRANSFER_MAX / d->block);
	if (!can_discard(d))
		return;
	be_put(at + 20, 4, DISK_DISCARD_MAX / d->block);
	be_put(at + 24, 4, DISK_DISCARD_RANGES);
	be_put(at + 28, 4, DISCARD_GRANULARITY / d->block);
	at[32] = 0x80; /* aligned to 0, and that is valid */
}

static void
page_characteristics(struct reply *r)
{
	be_put(reply_add(r, 60), 2, 1); /* it does not rotate */
}

static void
page_provisioning(const struct disk *d, struct reply *r)
{
	uint8_t *at = reply_add(r, 4);

	if (!can_discard(d))
		return;
	at[1] = (uint8_t)(0x80 | (d->is.backend->zeroes ? 0x04 : 0));
	at[2] = 0x02; /* thin */
}

/* False: there is no such page. */
static bool
page_fill(const struct disk *d, uint8_t page, struct reply *r)
{
	if (d->is.dvd && page >= PAGE_LIMITS)
		return false;
	switch (page) {
	case PAGE_SUPPORTED:
		page_supported(d, r);
		return true;
	case PAGE_SERIAL:
		reply_add_text(r, d->is.serial, strlen(d->is.serial));
		return true;
	case PAGE_IDENTIFICATION:
		page_identification(d, r);
		return true;
	case PAGE_LIMITS:
		page_limits(d, r);
		return true;
	case PAGE_CHARACTERISTICS:
		page_characteristics(r);
		return true;
	case PAGE_PROVISIONING:
		page_provisioning(d, r);
		return true;
	default:
		return false;
	}
}

struct sense
disk_inquiry(const struct disk *d, const struct cdb *c, struct reply *r)
{
	uint8_t page = c->bytes[2];
	uint8_t *head;

	if ((c->bytes[1] & EVPD) == 0) {
		if (page != 0)
			return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
		standard_data(device_type(d), d->is.dvd,
		    d->is.dvd ? "Virtual DVD" : "Virtual Disk", r);
		return SENSE_NONE;
	}
	head = reply_add(r, HEADER_SIZE);
	head[0] = device_type(d);
	head[1] = page;
	if (!page_fill(d, page, r))
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	be_put(head + 2, 2, r->len - HEADER_SIZE);
	return SENSE_NONE;
}
