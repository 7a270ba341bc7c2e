/* SPDX-License-Identifier: Apache-2.0 */
/* A child's VMBus: the server, its way to the guest, and the providers. */
#ifndef MULLION_WORKER_VMBUS_HOST_H
#define MULLION_WORKER_VMBUS_HOST_H

#include <pthread.h>
#include <stdint.h>

#include "manager/err.h"
#include "manager/status.h"
#include "vmbus/memory.h"
#include "vmbus/server.h"
#include "worker/backend.h"
#include "worker/guest_call.h"
#include "worker/loop.h"
#include "worker/providers.h"

struct machine;

struct vmbus_host {
	struct machine *machine;
	struct memory memory;

	/*
	 * Guards what follows. Processors take it when the guest calls, the
	 * main thread for providers; no lock of the machine's is held then.
	 */
	pthread_mutex_t lock;
	struct server *server;
	uint16_t awaited[BACKEND_VPS_MAX];	/* slots, a bit each */
	struct providers providers;
};

/*
 * Make the VMBus of @m, whose memory is there. Providers are heard on the
 * socket in the folder @run_dir, and from @l on.
 */
int vmbus_host_open(struct vmbus_host *h, struct machine *m, struct loop *l,
    const char *run_dir, uint32_t uid_base, struct err *e);

/* The same without a socket; for tests. */
int vmbus_host_init(struct vmbus_host *h, struct machine *m, struct loop *l,
    struct err *e);

/* What the guest called, from its processor's thread. Returns the status. */
enum hv_status vmbus_host_call(struct vmbus_host *h,
    const struct guest_call *call);

/* The slots in the mask @sints of @vp, which were awaited, take messages. */
void vmbus_host_deliverable(struct vmbus_host *h, uint32_t vp,
    uint16_t sints);

/* One of the sources LOOP_VMBUS_... */
void vmbus_host_event(struct vmbus_host *h, const struct loop_event *event);

/* Tell the providers that the child has stopped, or goes on. */
void vmbus_host_paused(struct vmbus_host *h, bool paused);

/* As providers_channels(). */
unsigned vmbus_host_channels(struct vmbus_host *h, uint32_t from,
    struct channel_state *out, unsigned most, bool *more);

/* Fill in what memory the guest has at the moment. */
void vmbus_host_memory(struct vmbus_host *h, struct partition_stats *out);

#endif
