/* SPDX-License-Identifier: Apache-2.0 */
/* Seeds: the small disc that cloud-init in a guest takes its settings from. */
#ifndef MULLION_MANAGER_SEED_H
#define MULLION_MANAGER_SEED_H

#include <stddef.h>
#include <stdint.h>

#include "manager/err.h"

#define SEED_FILE_MAX ((size_t)256 << 10)

enum seed_file {
	SEED_USER_DATA,
	SEED_META_DATA,
	SEED_NETWORK_CONFIG,
	SEED_VENDOR_DATA,
	SEED_FILES,
};

/* What the files are called, in folders and on the disc. */
extern const char *const seed_names[SEED_FILES];

struct seed {
	const uint8_t *bytes[SEED_FILES]; /* NULL: there is no such file */
	size_t size[SEED_FILES];	  /* at most SEED_FILE_MAX */
};

/* The bytes that the disc of @s has. */
size_t seed_disc_size(const struct seed *s);

/*
 * Make the disc, an ISO 9660 file system with the label "cidata", in
 * seed_disc_size() bytes at @out.
 */
void seed_disc_build(const struct seed *s, uint8_t *out);

/*
 * Make the new file @disc from the files of @folder. user-data is needed;
 * without meta-data there is one that changes whenever the others do, so that
 * the guest heeds them. ERR_EXISTS when there is a @disc.
 */
int seed_create(const char *folder, const char *disc, struct err *e);

#endif
