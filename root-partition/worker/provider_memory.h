/* SPDX-License-Identifier: Apache-2.0 */
/* What the provider of dynamic memory asks the worker to do. */
#ifndef MULLION_WORKER_PROVIDER_MEMORY_H
#define MULLION_WORKER_PROVIDER_MEMORY_H

#include "vmbus/provider_protocol.h"
#include "worker/providers.h"

/* Do what @request, which has the form of its type, says, and answer. */
void provider_memory_request(struct session *s,
    const struct provider_memory_request *request);

#endif
