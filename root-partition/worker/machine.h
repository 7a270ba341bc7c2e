/* SPDX-License-Identifier: Apache-2.0 */
/* One child: its partition, memory, devices and processors. */
#ifndef MULLION_WORKER_MACHINE_H
#define MULLION_WORKER_MACHINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "manager/config.h"
#include "manager/err.h"
#include "worker/backend.h"
#include "worker/devices.h"
#include "worker/guest_memory.h"

#define MACHINE_REASON_MAX 256

/* What processors may do. The main thread sets it. */
enum machine_gate {
	MACHINE_HOLD,		/* wait where you are, out of the child */
	MACHINE_RUN,
	MACHINE_QUIT,
};

enum machine_ending {
	MACHINE_ALIVE,
	MACHINE_POWERED_OFF,
	MACHINE_RESET,
	MACHINE_PAYLOAD_EXIT,	/* with a code of the payload's own */
	MACHINE_FAILED,
};

enum vp_exit_kind {
	VP_EXIT_IO,
	VP_EXIT_MEMORY,
	VP_EXIT_SIGNAL,
	VP_EXIT_OTHER,
	VP_EXIT_KINDS,
};

struct machine;
struct vmbus_host;

struct vp {
	struct machine *machine;
	struct vp_link link;
	pthread_t thread;
	atomic_bool parked;
	atomic_uint_fast64_t exits[VP_EXIT_KINDS];
	struct hv_message message;
};

struct machine {
	const struct backend *backend;
	struct partition partition;
	struct guest_memory memory;
	bool from_disk;			/* our disk loader runs first */
	unsigned cpus;
	struct vp vp[BACKEND_VPS_MAX];
	struct vmbus_host *vmbus;	/* there before processors run */

	/* Guards @devices. Nothing else is taken while it is held. */
	pthread_mutex_t devices_lock;
	struct devices devices;

	/* Guards what follows; the condition tells of any change of it. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	atomic_int gate;	/* enum machine_gate; read without the lock */
	unsigned parked;	/* processors out of the child */
	enum machine_ending ending;
	uint8_t code;		/* of MACHINE_PAYLOAD_EXIT */
	char reason[MACHINE_REASON_MAX];

	/* Wakes the main loop: output, input wanted, or the end. */
	int event_fd;
	atomic_bool woken;
};

/*
 * Build what @c describes, loaded and ready to start. @output is the ring of
 * DEVICES_OUTPUT_SIZE bytes for the console.
 */
int machine_create(struct machine *m, const struct backend *backend,
    const struct config *c, uint8_t *output, struct err *e);

/*
 * Start a thread for each processor. They have started, and are held, when
 * this returns: the system calls of a thread's start are not needed again.
 */
int machine_start_threads(struct machine *m, struct err *e);

/* Let the processors run. */
int machine_resume(struct machine *m, struct err *e);

/*
 * Stop them, and the child's clock. Returns when none is in the child; ETIME
 * when that takes longer than seconds.
 */
int machine_pause(struct machine *m, struct err *e);

/* Carry out what an access to a device asks for. */
void machine_effect(struct machine *m, const struct devices_effect *fx);

/*
 * The child's life is over; the first to say so is heard. The text becomes
 * the reason that people see.
 */
void machine_end(struct machine *m, enum machine_ending ending, uint8_t code,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Bring the processors out of the child for good, after its end. One that does
 * not come within seconds is left where it is.
 */
void machine_stop_threads(struct machine *m);

/* How it ended; MACHINE_ALIVE as long as it has not. */
enum machine_ending machine_ending(struct machine *m, uint8_t *code,
    char reason[MACHINE_REASON_MAX]);

/* Wake the main loop. */
void machine_wake(struct machine *m);

#endif
