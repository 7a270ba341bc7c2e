/* SPDX-License-Identifier: Apache-2.0 */
/* Discs of seeds, read the way that a guest's kernel reads them. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "manager/seed.h"

#define SECTOR 2048

static uint8_t *disc;
static size_t size;

static void
fini(void)
{
	free(disc);
}

static void
put(struct seed *s, enum seed_file file, const char *text)
{
	s->bytes[file] = (const uint8_t *)text;
	s->size[file] = strlen(text);
}

static void
build(const struct seed *s)
{
	size = seed_disc_size(s);
	disc = malloc(size);
	cr_assert_not_null(disc);
	seed_disc_build(s, disc);
}

static uint32_t
little(const uint8_t *at)
{
	return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
	    (uint32_t)at[3] << 24;
}

/* The file of a name, by way of the primary descriptor and its folder. */
static const uint8_t *
find(const char *name, uint32_t *len)
{
	const uint8_t *root = disc + 16 * SECTOR + 156;
	const uint8_t *at = disc + little(root + 2) * SECTOR;
	const uint8_t *end = at + little(root + 10);

	for (; at < end && at[0] != 0; at += at[0]) {
		if (at[32] != strlen(name) ||
		    memcmp(at + 33, name, at[32]) != 0)
			continue;
		*len = little(at + 10);
		return disc + little(at + 2) * SECTOR;
	}
	return NULL;
}

static void
expect_file(const char *name, const char *text)
{
	uint32_t len = 0;
	const uint8_t *at = find(name, &len);

	cr_assert_not_null(at, "no %s", name);
	cr_expect_leq(at + len, disc + size);
	cr_expect_eq(len, strlen(text));
	cr_expect_arr_eq(at, text, strlen(text));
}

TestSuite(seed, .fini = fini);

Test(seed, disc_has_the_label_that_is_looked_for)
{
	struct seed s = { 0 };

	put(&s, SEED_USER_DATA, "#cloud-config\n");
	build(&s);
	cr_expect_arr_eq(disc + 16 * SECTOR, "\1CD001\1", 7);
	cr_expect_arr_eq(disc + 16 * SECTOR + 40, "cidata  ", 8);
	cr_expect_arr_eq(disc + 17 * SECTOR, "\377CD001\1", 7);
	cr_expect_eq(little(disc + 16 * SECTOR + 80) * SECTOR, size);
}

Test(seed, files_are_found_by_their_names)
{
	static char large[3 * SECTOR + 1];
	struct seed s = { 0 };
	uint32_t len;

	memset(large, 'x', sizeof(large) - 1);
	put(&s, SEED_USER_DATA, large);
	put(&s, SEED_META_DATA, "instance-id: one\n");
	put(&s, SEED_NETWORK_CONFIG, "");
	build(&s);
	expect_file("USER-DATA.;1", large);
	expect_file("META-DATA.;1", "instance-id: one\n");
	expect_file("NETWORK-CONFIG.;1", "");
	cr_expect_null(find("VENDOR-DATA.;1", &len));
}

Test(seed, disc_with_all_there_is_fits)
{
	static uint8_t most[SEED_FILE_MAX];
	struct seed s;

	for (int i = 0; i < SEED_FILES; i++) {
		s.bytes[i] = most;
		s.size[i] = sizeof(most);
	}
	build(&s);
	cr_expect_eq(size, 21 * SECTOR + SEED_FILES * SEED_FILE_MAX);
}
