/* SPDX-License-Identifier: Apache-2.0 */
/* Assertions and the end of the hypervisor when one of them is wrong. */
#ifndef HV_CORE_ASSERT_H
#define HV_CORE_ASSERT_H

/*
 * Says where and why on the console, with a backtrace, and stops the machine.
 * Never for anything that a guest can cause.
 */
_Noreturn void panic_at(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), cold));

#define panic(...)	panic_at(__FILE__, __LINE__, __VA_ARGS__)

/* Checked in every build. */
#define ASSERT(cond) \
	do { \
		if (__builtin_expect(!(cond), 0)) \
			panic("assertion failed: %s", #cond); \
	} while (0)

#endif /* HV_CORE_ASSERT_H */
