/* SPDX-License-Identifier: Apache-2.0 */
/* The device itself: creating partitions, and what it refuses. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <tlfs/hypercall.h>

#include "cases.h"

static const char *
creates_and_deletes(struct guest *g)
{
	for (int i = 0; i < 20; i++) {
		int fd = guest_create(g->device, MSHV_PARTITION_LAPIC);

		EXPECT_OK(fd);
		close(fd);
	}
	return NULL;
}

static const char *
creates_with_every_flag(struct guest *g)
{
	for (int bit = 0; bit < 3; bit++) {
		int fd = guest_create(g->device, UINT64_C(1) << bit);

		EXPECT_OK(fd);
		close(fd);
	}
	return NULL;
}

static const char *
has_eight_partitions_at_once(struct guest *g)
{
	int fds[8], made = 0;

	while (made < 8 && (fds[made] = guest_create(g->device, 0)) >= 0)
		made++;
	for (int i = 0; i < made; i++)
		close(fds[i]);
	EXPECT_EQ(made, 8);
	return NULL;
}

static const char *
refuses_unknown_flags(struct guest *g)
{
	EXPECT_ERRNO(guest_create(g->device,
	    UINT64_C(1) << MSHV_PARTITION_FLAGS), EINVAL);
	EXPECT_ERRNO(guest_create(g->device, UINT64_MAX), EINVAL);
	return NULL;
}

static const char *
refuses_isolation(struct guest *g)
{
	struct mshv_partition_request r = { .isolation = 1 };

	EXPECT_ERRNO(ioctl(g->device, MSHV_CREATE_PARTITION, &r), EINVAL);
	return NULL;
}

static const char *
takes_feature_masks(struct guest *g)
{
	struct mshv_partition_request_2 r = {
		.flags = MSHV_PARTITION_LAPIC | MSHV_PARTITION_FEATURES,
		.feature_banks = 2,
	};
	int fd = ioctl(g->device, MSHV_CREATE_PARTITION, &r);

	EXPECT_OK(fd);
	close(fd);
	return NULL;
}

static const char *
refuses_bad_feature_masks(struct guest *g)
{
	struct mshv_partition_request_2 r = {
		.flags = MSHV_PARTITION_FEATURES,
		.feature_banks = 3,
	};

	EXPECT_ERRNO(ioctl(g->device, MSHV_CREATE_PARTITION, &r), EINVAL);
	r.feature_banks = 2;
	r.reserved2[1] = 1;
	EXPECT_ERRNO(ioctl(g->device, MSHV_CREATE_PARTITION, &r), EINVAL);
	return NULL;
}

static const char *
refuses_a_bad_pointer(struct guest *g)
{
	EXPECT_ERRNO(ioctl(g->device, MSHV_CREATE_PARTITION, (void *)8),
	    EFAULT);
	return NULL;
}

static const char *
refuses_unknown_requests(struct guest *g)
{
	EXPECT_ERRNO(ioctl(g->device, _IO(MSHV_MAGIC, 0x55), 0), ENOTTY);
	EXPECT_ERRNO(ioctl(g->device, MSHV_RUN_VP, &g->message), ENOTTY);
	EXPECT_ERRNO(ioctl(g->device, MSHV_CREATE_VP, 0), ENOTTY);
	return NULL;
}

static const char *
has_no_requests_on_another_file(struct guest *g)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)g;
	EXPECT_OK(fd);
	EXPECT_ERRNO(guest_create(fd, 0), ENOTTY);
	close(fd);
	EXPECT_ERRNO(guest_create(fd, 0), EBADF);
	return NULL;
}

static const struct abi_case device_cases[] = {
	{ "creates-and-deletes", GUEST_DEVICE, creates_and_deletes },
	{ "creates-with-every-flag", GUEST_DEVICE, creates_with_every_flag },
	{ "has-eight-partitions-at-once", GUEST_DEVICE,
	    has_eight_partitions_at_once },
	{ "refuses-unknown-flags", GUEST_DEVICE, refuses_unknown_flags },
	{ "refuses-isolation", GUEST_DEVICE, refuses_isolation },
	{ "takes-feature-masks", GUEST_DEVICE, takes_feature_masks },
	{ "refuses-bad-feature-masks", GUEST_DEVICE,
	    refuses_bad_feature_masks },
	{ "refuses-a-bad-pointer", GUEST_DEVICE, refuses_a_bad_pointer },
	{ "refuses-unknown-requests", GUEST_DEVICE, refuses_unknown_requests },
	{ "has-no-requests-on-another-file", GUEST_DEVICE,
	    has_no_requests_on_another_file },
};
ABI_GROUP(device);
