/* SPDX-License-Identifier: Apache-2.0 */
/* MODE SENSE: the pages that guests look at. */
#include "storage/disk.h"

#define DISABLE_DESCRIPTORS 0x08
#define PAGE_CODE 0x3f
#define WRITE_PROTECTED 0x80
#define DPO_FUA 0x10
#define WRITE_CACHE 0x04
#define ANY_ORDER 0x10
#define SUBPAGES_ALL 0xff
#define DESCRIPTOR_SIZE 8

enum page {
	PAGE_CACHING = 0x08,
	PAGE_CONTROL = 0x0a,
	PAGE_CAPABILITIES = 0x2a,
	PAGE_ALL = 0x3f,
};

enum values {
	VALUES_CURRENT = 0,
	VALUES_CHANGEABLE = 1,
	VALUES_DEFAULT = 2,
	VALUES_SAVED = 3,
};

/* Nothing can be changed, so that page is all zero. */
static void
page_caching(const struct disk *d, bool zero, struct reply *r)
{
	uint8_t *at = reply_add(r, 20);

	at[0] = PAGE_CACHING;
	at[1] = 18;
	if (!zero && !d->is.readonly)
		at[2] = WRITE_CACHE;
}

static void
page_control(bool zero, struct reply *r)
{
	uint8_t *at = reply_add(r, 12);

	at[0] = PAGE_CONTROL;
	at[1] = 10;
	if (!zero)
		at[3] = ANY_ORDER;
}

/* MMC: what the drive can do. */
static void
page_capabilities(bool zero, struct reply *r)
{
	uint8_t *at = reply_add(r, 20);

	at[0] = PAGE_CAPABILITIES;
	at[1] = 18;
	if (zero)
		return;
	at[2] = 0x0b;		  /* reads CD-R, CD-RW, DVD-ROM */
	at[4] = 0x40;		  /* several sessions */
	at[6] = 0x29;		  /* tray, ejects, locks */
	be_put(at + 8, 2, 10800); /* kB/s: DVD at speed 8 */
	be_put(at + 12, 2, 512);  /* KiB of buffer */
	be_put(at + 14, 2, 10800);
}

/* False: there is no such page. */
static bool
pages_fill(const struct disk *d, uint8_t page, bool zero, struct reply *r)
{
	size_t before = r->len;

	if (!d->is.dvd && (page == PAGE_CACHING || page == PAGE_ALL))
		page_caching(d, zero, r);
	if (!d->is.dvd && (page == PAGE_CONTROL || page == PAGE_ALL))
		page_control(zero, r);
	if (d->is.dvd && (page == PAGE_CAPABILITIES || page == PAGE_ALL))
		page_capabilities(zero, r);
	return r->len > before;
}

static void
descriptor_fill(const struct disk *d, struct reply *r)
{
	uint8_t *at = reply_add(r, DESCRIPTOR_SIZE);

	be_put(at + 1, 3, d->blocks > 0xffffff ? 0xffffff : d->blocks);
	be_put(at + 5, 3, d->block);
}

struct sense
disk_mode_sense(const struct disk *d, const struct cdb *c, struct reply *r)
{
	size_t header = c->mode_10 ? 8 : 4;
	uint8_t *head = reply_add(r, header);
	uint8_t subpage = c->bytes[3], values = c->bytes[2] >> 6;

	if (values == VALUES_SAVED)
		return SENSE_ILLEGAL(SCSI_ASC_SAVING_NOT_SUPPORTED);
	if (subpage != 0 && subpage != SUBPAGES_ALL)
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	if ((c->bytes[1] & DISABLE_DESCRIPTORS) == 0 && !d->is.dvd)
		descriptor_fill(d, r);
	head[c->mode_10 ? 7 : 3] = (uint8_t)(r->len - header);
	head[c->mode_10 ? 3 : 2] =
	    d->is.readonly ? (d->is.dvd ? 0 : WRITE_PROTECTED) : DPO_FUA;
	if (!pages_fill(d, c->bytes[2] & PAGE_CODE,
	    values == VALUES_CHANGEABLE, r))
		return SENSE_ILLEGAL(SCSI_ASC_INVALID_FIELD_IN_CDB);
	if (c->mode_10)
		be_put(head, 2, r->len - 2);
	else
		head[0] = (uint8_t)(r->len - 1);
	return SENSE_NONE;
}
