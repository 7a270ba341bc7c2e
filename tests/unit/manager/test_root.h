/* SPDX-License-Identifier: Apache-2.0 */
/* A folder that looks like the root of a parent, for one test. */
#ifndef MULLION_TESTS_TEST_ROOT_H
#define MULLION_TESTS_TEST_ROOT_H

#include "manager/site.h"

struct test_root {
	char path[64];
	struct site site;
};

/* With /etc, /run and /var/log in it; the test fails when that fails. */
void test_root_make(struct test_root *r);
void test_root_remove(struct test_root *r);

/* Write @text to the file @path, which is below the root; makes folders. */
void test_root_write(const struct test_root *r, const char *path,
    const char *text);

/* The text of the file @path below the root; "" if there is none. */
const char *test_root_read(const struct test_root *r, const char *path);

#endif
