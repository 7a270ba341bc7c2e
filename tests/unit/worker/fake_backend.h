/* SPDX-License-Identifier: Apache-2.0 */
/* A hypervisor that does what a test tells it to. */
#ifndef TESTS_WORKER_FAKE_BACKEND_H
#define TESTS_WORKER_FAKE_BACKEND_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "worker/backend.h"

#define FAKE_MAPS 4
#define FAKE_MESSAGES 8
#define FAKE_POSTS 32

struct fake_post {
	uint32_t vp;
	uint8_t sint;
	struct hv_message message;
};

struct fake {
	pthread_mutex_t lock;
	/* What run() reports, in order; then it waits for a signal. */
	struct hv_message messages[FAKE_MESSAGES];
	unsigned message_count;
	unsigned message_next;
	int run_error;		/* what run() returns instead; 0: nothing */
	atomic_uint inside;	/* processors in run() */
	/* What was asked for. */
	uint64_t map_gpa[FAKE_MAPS], map_size[FAKE_MAPS];
	unsigned maps;
	unsigned vps;
	uint64_t registers[32];	/* by number of HV_REGISTER_RAX + n */
	unsigned register_writes;
	uint64_t start_rip;
	uint64_t cr2, pending;
	uint64_t segment_base;	/* of every segment */
	uint64_t absent_page;	/* the page that no address leads to; 0: none */
	uint64_t unmapped_page;	/* the page that leads to no memory; 0: none */
	struct interrupt interrupt;
	unsigned interrupts;
	bool frozen;
	bool refuse_freeze;
	bool refuse_registers;
	/* Messages and events for the guest. */
	struct fake_post posts[FAKE_POSTS];
	unsigned post_count;
	bool slot_full;
	uint16_t awaited;	/* of the last VP that was asked for */
	uint32_t signal_vp;
	uint16_t signal_flag;
	unsigned signals;
	bool has_doorbells;
	uint32_t doorbell;	/* connection of the last one; 0: removed */
	bool has_event_interrupts;
	uint16_t event_flag;	/* of the last that was connected; 0: none */
	uint32_t event_vp;
	bool has_page;		/* processors share a register page */
	struct hv_vp_register_page page;
};

extern struct fake fake;
extern const struct backend fake_backend;

void fake_reset(void);

/* Let run() report this next. */
void fake_message(const struct hv_message *m);

#endif
