/* SPDX-License-Identifier: Apache-2.0 */
/* Cases: what each gets, how it says that something is wrong, where they are. */
#ifndef TESTS_ABI_CASES_H
#define TESTS_ABI_CASES_H

#include <stddef.h>

#include "guest.h"

/*
 * A case: NULL, or the reason why it failed. A reason that starts with "skip"
 * says that this machine has not what the case needs.
 */
typedef const char *abi_case_run(struct guest *g);

struct abi_case {
	const char *name;
	enum guest_level level;		/* what @g is before it runs */
	abi_case_run *run;
};

struct abi_group {
	const char *name;
	const struct abi_case *cases;
	size_t count;
};

#define ABI_GROUP(group) \
	const struct abi_group group##_group = { \
		#group, group##_cases, \
		sizeof(group##_cases) / sizeof(group##_cases[0]), \
	}

extern const struct abi_group device_group, partition_group, memory_group,
    vp_group, exits_group, registers_group, pages_group, state_group,
    interrupts_group, doorbells_group, access_group, properties_group,
    intercepts_group, direct_group, translate_group, statistics_group,
    absence_group, calls_group;

/* Text that is kept until the next one. */
const char *reason(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#define EXPECT(condition, ...) \
	do { \
		if (!(condition)) \
			return reason(__VA_ARGS__); \
	} while (0)
#define EXPECT_EQ(value, expected) \
	do { \
		unsigned long long expect_v = (unsigned long long)(value); \
		unsigned long long expect_e = (unsigned long long)(expected); \
\
		if (expect_v != expect_e) \
			return reason("%s is %#llx, not %#llx", #value, \
			    expect_v, expect_e); \
	} while (0)
/* A request must fail, and with this. */
#define EXPECT_ERRNO(result, number) \
	do { \
		int expect_r = (result); \
\
		if (expect_r >= 0) \
			return reason("%s succeeded", #result); \
		if (errno != (number)) \
			return reason("%s: %s, not %s", #result, \
			    strerrorname_np(errno), #number); \
	} while (0)
#define EXPECT_OK(result) \
	do { \
		if ((result) < 0) \
			return reason("%s: %s", #result, \
			    strerrorname_np(errno)); \
	} while (0)

#endif
