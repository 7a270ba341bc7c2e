/* SPDX-License-Identifier: Apache-2.0 */
/* Seeds of cloud-init as discs: ISO 9660 (ECMA-119) with one folder. */
#include "manager/seed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "manager/cleanup.h"
#include "manager/file.h"

#define SECTOR ((size_t)2048)

/* What is in which sector. */
enum {
	SECTOR_PRIMARY = 16,
	SECTOR_TERMINATOR,
	SECTOR_PATHS_LITTLE,
	SECTOR_PATHS_BIG,
	SECTOR_FOLDER,
	SECTOR_DATA,
};

#define PATHS_SIZE 10	  /* of a path table with the root only */
#define RECORD_SIZE 33	  /* of a folder's entry, without its name */
#define RECORD_FOLDER 2	  /* the flag */
#define INSTANCE_MAX 48

const char *const seed_names[SEED_FILES] = {
	[SEED_USER_DATA] = "user-data",
	[SEED_META_DATA] = "meta-data",
	[SEED_NETWORK_CONFIG] = "network-config",
	[SEED_VENDOR_DATA] = "vendor-data",
};

/* In the order of their names, as the standard has it. */
static const struct {
	enum seed_file file;
	const char *name;
} entries[SEED_FILES] = {
	{ SEED_META_DATA, "META-DATA.;1" },
	{ SEED_NETWORK_CONFIG, "NETWORK-CONFIG.;1" },
	{ SEED_USER_DATA, "USER-DATA.;1" },
	{ SEED_VENDOR_DATA, "VENDOR-DATA.;1" },
};

static size_t
sectors(size_t bytes)
{
	return (bytes + SECTOR - 1) / SECTOR;
}

size_t
seed_disc_size(const struct seed *s)
{
	size_t n = SECTOR_DATA;

	for (int i = 0; i < SEED_FILES; i++)
		if (s->bytes[i] != NULL)
			n += sectors(s->size[i]);
	return n * SECTOR;
}

static void
put_little(uint8_t *to, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> 8 * i);
}

static void
put_big(uint8_t *to, uint32_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		to[bytes - 1 - i] = (uint8_t)(value >> 8 * i);
}

/* Most numbers are there in both orders. */
static void
put_both(uint8_t *to, uint32_t value, unsigned bytes)
{
	put_little(to, value, bytes);
	put_big(to + bytes, value, bytes);
}

/* An entry of a folder; returns its length. */
static size_t
record_put(uint8_t *to, uint32_t sector, uint32_t size, uint8_t flags,
    const char *name, size_t name_len)
{
	size_t len = (RECORD_SIZE + name_len + 1) & ~(size_t)1;

	to[0] = (uint8_t)len;
	put_both(to + 2, sector, 4);
	put_both(to + 10, size, 4);
	to[18] = 100;	/* years after 1900; month and day begin at 1 */
	to[19] = 1;
	to[20] = 1;
	to[25] = flags;
	put_both(to + 28, 1, 2);
	to[32] = (uint8_t)name_len;
	memcpy(to + RECORD_SIZE, name, name_len);
	return len;
}

static void
text_put(uint8_t *to, const char *text, size_t size)
{
	memset(to, ' ', size);
	memcpy(to, text, strlen(text));
}

/* A date that is not said. */
static void
date_put(uint8_t *to)
{
	memset(to, '0', 16);
	to[16] = 0;
}

static void
descriptor_put(uint8_t *to, uint8_t type)
{
	to[0] = type;
	memcpy(to + 1, "CD001", 5);
	to[6] = 1;
}

static void
primary_put(uint8_t *to, size_t size)
{
	descriptor_put(to, 1);
	text_put(to + 8, "LINUX", 32);
	text_put(to + 40, "cidata", 32);
	put_both(to + 80, (uint32_t)(size / SECTOR), 4);
	put_both(to + 120, 1, 2);
	put_both(to + 124, 1, 2);
	put_both(to + 128, (uint32_t)SECTOR, 2);
	put_both(to + 132, PATHS_SIZE, 4);
	put_little(to + 140, SECTOR_PATHS_LITTLE, 4);
	put_big(to + 148, SECTOR_PATHS_BIG, 4);
	record_put(to + 156, SECTOR_FOLDER, (uint32_t)SECTOR, RECORD_FOLDER,
	    "", 1);
	text_put(to + 190, "", 623);
	for (int i = 0; i < 4; i++)
		date_put(to + 813 + 17 * i);
	to[881] = 1;
}

static void
paths_put(uint8_t *disc)
{
	uint8_t *little = disc + SECTOR_PATHS_LITTLE * SECTOR;
	uint8_t *big = disc + SECTOR_PATHS_BIG * SECTOR;

	little[0] = big[0] = 1;
	put_little(little + 2, SECTOR_FOLDER, 4);
	put_big(big + 2, SECTOR_FOLDER, 4);
	put_little(little + 6, 1, 2);
	put_big(big + 6, 1, 2);
}

void
seed_disc_build(const struct seed *s, uint8_t *out)
{
	uint8_t *folder = out + SECTOR_FOLDER * SECTOR;
	uint32_t sector = SECTOR_DATA;

	memset(out, 0, seed_disc_size(s));
	primary_put(out + SECTOR_PRIMARY * SECTOR, seed_disc_size(s));
	descriptor_put(out + SECTOR_TERMINATOR * SECTOR, 255);
	paths_put(out);
	/* Itself, and the one above, which is itself again. */
	folder += record_put(folder, SECTOR_FOLDER, (uint32_t)SECTOR,
	    RECORD_FOLDER, "\0", 1);
	folder += record_put(folder, SECTOR_FOLDER, (uint32_t)SECTOR,
	    RECORD_FOLDER, "\1", 1);
	for (int i = 0; i < SEED_FILES; i++) {
		const uint8_t *bytes = s->bytes[entries[i].file];
		size_t size = s->size[entries[i].file];

		if (bytes == NULL)
			continue;
		folder += record_put(folder, sector, (uint32_t)size, 0,
		    entries[i].name, strlen(entries[i].name));
		memcpy(out + sector * SECTOR, bytes, size);
		sector += (uint32_t)sectors(size);
	}
}

/* FNV-1a: it has to differ where files do, not to withstand anybody. */
static uint64_t
seed_hash(const struct seed *s)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (int i = 0; i < SEED_FILES; i++)
		for (size_t n = 0; n < s->size[i]; n++)
			hash = (hash ^ s->bytes[i][n]) *
			    UINT64_C(0x100000001b3);
	return hash;
}

/* @text has room for all files, each of SEED_FILE_MAX bytes and one more. */
static int
seed_read(const char *folder, struct seed *s, char *text, struct err *e)
{
	for (int i = 0; i < SEED_FILES; i++) {
		char *to = text + (size_t)i * (SEED_FILE_MAX + 1);
		char path[4096];

		if (snprintf(path, sizeof(path), "%s/%s", folder,
		    seed_names[i]) >= (int)sizeof(path))
			return err_set(e, ENAMETOOLONG, "%.40s...: too long",
			    folder);
		if (i != SEED_USER_DATA && access(path, F_OK) < 0 &&
		    errno == ENOENT)
			continue;
		if (file_read(path, to, SEED_FILE_MAX + 1, &s->size[i],
		    e) < 0)
			return -1;
		s->bytes[i] = (const uint8_t *)to;
	}
	return 0;
}

int
seed_create(const char *folder, const char *disc, struct err *e)
{
	AUTO_FREE char *text = malloc(SEED_FILES * (SEED_FILE_MAX + 1));
	AUTO_FREE uint8_t *bytes = NULL;
	char instance[INSTANCE_MAX];
	struct seed s = { 0 };
	size_t size;

	if (text == NULL)
		return err_set(e, ENOMEM, "out of memory");
	if (seed_read(folder, &s, text, e) < 0)
		return -1;
	if (s.bytes[SEED_META_DATA] == NULL) {
		s.size[SEED_META_DATA] = (size_t)snprintf(instance,
		    sizeof(instance), "instance-id: mullion-%016" PRIx64 "\n",
		    seed_hash(&s));
		s.bytes[SEED_META_DATA] = (const uint8_t *)instance;
	}
	size = seed_disc_size(&s);
	bytes = malloc(size);
	if (bytes == NULL)
		return err_set(e, ENOMEM, "out of memory");
	seed_disc_build(&s, bytes);
	/* Passwords and keys are in it. */
	if (file_create(disc, (const char *)bytes, size, 0600, e) == 0)
		return 0;
	if (e->code == EEXIST)
		return err_set(e, ERR_EXISTS, "%s: there is such a file",
		    disc);
	return -1;
}
