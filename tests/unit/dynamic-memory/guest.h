/* SPDX-License-Identifier: Apache-2.0 */
/* A guest that knows which pages it uses, and the worker's ledger of them. */
#ifndef MULLION_TESTS_DYNAMIC_MEMORY_GUEST_H
#define MULLION_TESTS_DYNAMIC_MEMORY_GUEST_H

#include "memory/dm.h"
#include "worker/balloon.h"

#define MIB_PAGES UINT64_C(256)
#define GUEST_START (64 * MIB_PAGES)
#define GUEST_MAX (512 * MIB_PAGES)
#define GUEST_PAGES_MAX (1024 * MIB_PAGES)

struct guest {
	struct dm dm;
	struct balloon ledger;
	struct memmap room;
	uint64_t now;
	bool uses[GUEST_PAGES_MAX];	/* by page number */
	uint64_t used;
	uint64_t floor;			/* it keeps so many pages */
	bool refuses_to_add;
	unsigned ranges_at_once;	/* in one of its messages */
	/* The message that it was sent last, if it has not answered. */
	size_t size;
	uint8_t message[DM_WIRE_MAX];
};

extern struct guest guest;

/* A fresh machine. The worker has told its figures; no driver runs. */
void guest_begin(void);

/* Its driver begins, as far as that it is ready. */
void guest_connect(void);

/* Another kernel begins in it: it has what it had at the start. */
void guest_reset(void);

/* Its driver sends a message. */
void guest_send(const void *message, size_t size);

/* Answer the message that the guest was sent last, if there is one. */
bool guest_answers(void);

/* Have the worker do what it was asked for, if anything was. */
bool worker_answers(void);

/* Both, until nothing more happens. */
void all_answer(void);

/* What must hold whenever nothing is on its way. */
void guest_check(void);

#endif
