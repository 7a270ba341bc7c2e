/* SPDX-License-Identifier: Apache-2.0 */
/* What a payload is made of: it checks, and it ends in one of four verdicts. */
#ifndef PAYLOAD_LIB_PAYLOAD_H
#define PAYLOAD_LIB_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The values that are written to the exit port, one a verdict. */
enum verdict {
	VERDICT_SUCCESS,
	VERDICT_SKIP,		/* this machine has not what the test needs */
	VERDICT_ERROR,		/* the test itself went wrong */
	VERDICT_FAILURE,	/* the machine did what it must not */
};

/* The test: defined once in every payload. Returns when it is through. */
void payload_run(void);

/* What the build calls this payload, and how many VPs it is made for. */
extern const char payload_name[];
extern const uint32_t payload_vps;

/* Words of the command line that the loader gave, or "". */
extern const char *payload_cmdline;

/* NAME=VALUE of the command line, a decimal number. */
uint64_t payload_number(const char *name, uint64_t otherwise);

/* Run the test; what entry code calls last. */
_Noreturn void payload_start(const char *cmdline);

/*
 * Text to the console: %s %d %u %x and %lu %lx are known, without widths.
 */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* End now. The text is the reason; it stands in the verdict's line. */
_Noreturn void payload_skip(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
_Noreturn void payload_error(const char *format, ...)
    __attribute__((format(printf, 1, 2)));
_Noreturn void payload_fail(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* End with success, or failure if a CHECK did not hold. */
_Noreturn void payload_end_run(void);

/* Count a failed check and say what it was; the payload goes on. */
void check_failed(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define CHECK(condition, ...) \
	do { \
		if (!(condition)) \
			check_failed(__FILE_NAME__, __LINE__, __VA_ARGS__); \
	} while (0)
#define CHECK_EQ(value, expected) \
	do { \
		uint64_t check_v = (uint64_t)(value); \
		uint64_t check_e = (uint64_t)(expected); \
\
		if (check_v != check_e) \
			check_failed(__FILE_NAME__, __LINE__, \
			    "%s is 0x%lx, not 0x%lx", #value, check_v, \
			    check_e); \
	} while (0)

/* Time in TSC ticks; exact where the hypervisor tells the frequency. */
uint64_t ticks_per_ms(void);

/* Spin until the condition holds, for at most @ms. Its value is the result. */
#define WAIT_MS(condition, ms) \
	({ \
		uint64_t wait_end = tsc_read() + (ms) * ticks_per_ms(); \
		bool wait_done; \
\
		while (!(wait_done = (condition)) && tsc_read() < wait_end) \
			cpu_pause(); \
		wait_done; \
	})
#define WAIT(condition) WAIT_MS(condition, 2000u)

void *memory_copy(void *to, const void *from, size_t n);
void *memory_set(void *to, int byte, size_t n);

#endif
