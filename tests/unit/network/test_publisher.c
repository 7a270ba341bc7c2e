/* SPDX-License-Identifier: Apache-2.0 */
/* The file that tells where published ports lead. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "network/publisher.h"

Test(publisher, cuts_off_nothing_that_a_link_leads_to)
{
	char run[] = "/tmp/publisher-XXXXXX", path[64], target[64];
	struct config config = { .network_count = 1,
		.networks[0].publish_count = 1 };
	struct publisher p = { .fd = -1 };
	struct stat st;
	struct err e;
	int fd;

	cr_assert_not_null(mkdtemp(run));
	snprintf(target, sizeof(target), "%s/target", run);
	snprintf(path, sizeof(path), "%s/" PUBLISH_FILE, run);
	fd = open(target, O_WRONLY | O_CREAT, 0600);
	cr_assert_eq(write(fd, "text", 4), 4);
	cr_assert_eq(symlink(target, path), 0);
	cr_expect_eq(publisher_begin(&p, &config, run, &e), -1);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect_eq(st.st_size, 4);
	close(fd);
	unlink(path);
	unlink(target);
	rmdir(run);
}
