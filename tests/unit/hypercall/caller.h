/* SPDX-License-Identifier: Apache-2.0 */
/* A VP that makes hypercalls of a table of its own. */
#ifndef TESTS_UNIT_HYPERCALL_CALLER_H
#define TESTS_UNIT_HYPERCALL_CALLER_H

#include "../memory/machine.h"
#include "core/hypercall.h"
#include "core/partition.h"
#include "core/vp.h"

enum {
	CALL_FAST	= 1,	/* 16 bytes in */
	CALL_OUTPUT	= 2,	/* 8 bytes out: CALLER_ANSWER */
	CALL_LIST	= 3,	/* 8 bytes and a list in, twice each out */
	CALL_HEADER	= 4,	/* 8 bytes, 2 qwords of header, a list */
	CALL_PARENT	= 5,
	CALL_PRIVILEGED	= 6,	/* bits 1 and 2 */
	CALL_SWITCH	= 7,
	CALL_LONG	= 8,	/* repeated, two at a time */
};

/* Pages that the parent and the child have at the same addresses. */
#define CALLER_INPUT		UINT64_C(0x200000)
#define CALLER_OUTPUT		UINT64_C(0x201000)
/* Of the child: not there, not writable, and never told of. */
#define CALLER_ABSENT		UINT64_C(0x202000)
#define CALLER_READ_ONLY	UINT64_C(0x203000)
#define CALLER_NOWHERE		UINT64_C(0x204000)

#define CALLER_ANSWER		UINT64_C(0xa115e8)
#define CALLER_BAD		UINT64_C(0xbad)

/* What the handlers have seen. */
struct caller_seen {
	uint32_t calls;
	uint64_t input[2];
	uint64_t header[2];
	uint64_t sum;
};

extern struct caller_seen caller_seen;
extern struct vp caller_vp;

/* What the parent was told that is missing. */
extern struct guest_fault caller_missing;

/* Before each test; the caller is then the parent. */
void caller_init(void);
void caller_be_parent(void);
void caller_be_child(void);

/* Make a call with these registers. */
enum hypercall_outcome caller_call(uint64_t rcx, uint64_t rdx, uint64_t r8);
uint64_t caller_rax(void);

/* Guest memory. */
void caller_put(uint64_t addr, const void *bytes, size_t size);
uint64_t caller_word(uint64_t addr);

#endif /* TESTS_UNIT_HYPERCALL_CALLER_H */
