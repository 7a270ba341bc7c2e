/* SPDX-License-Identifier: Apache-2.0 */
/* Making and removing a test's root folder. */
#include "test_root.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
make_parents(char *path)
{
	for (char *p = strchr(path + 1, '/'); p != NULL;
	     p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0755);
		*p = '/';
	}
}

void
test_root_make(struct test_root *r)
{
	strcpy(r->path, "/tmp/mullion-test-XXXXXX");
	cr_assert_not_null(mkdtemp(r->path));
	r->site.root = r->path;
}

static int
remove_entry(const char *path, const struct stat *st, int kind,
    struct FTW *walk)
{
	(void)st;
	(void)kind;
	(void)walk;
	return remove(path);
}

void
test_root_remove(struct test_root *r)
{
	nftw(r->path, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void
test_root_write(const struct test_root *r, const char *path, const char *text)
{
	char full[SITE_PATH_MAX];
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", r->path, path);
	make_parents(full);
	f = fopen(full, "w");
	cr_assert_not_null(f, "%s", full);
	fputs(text, f);
	fclose(f);
}

const char *
test_root_read(const struct test_root *r, const char *path)
{
	static char text[65536];
	char full[SITE_PATH_MAX];
	size_t n = 0;
	FILE *f;

	snprintf(full, sizeof(full), "%s/%s", r->path, path);
	f = fopen(full, "r");
	if (f != NULL) {
		n = fread(text, 1, sizeof(text) - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return text;
}
