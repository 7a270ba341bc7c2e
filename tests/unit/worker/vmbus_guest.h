/* SPDX-License-Identifier: Apache-2.0 */
/* A machine with a VMBus, its guest and a provider, for tests. */
#ifndef TESTS_WORKER_VMBUS_GUEST_H
#define TESTS_WORKER_VMBUS_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include <tlfs/status.h>

#include "vmbus/provider_protocol.h"
#include "worker/machine.h"
#include "worker/vmbus_host.h"

#define GUEST_SINT 2

extern struct machine machine;
extern struct vmbus_host host;

/* Build both anew; the hypervisor is the fake one. */
void vmbus_setup(void);
/* The same with room to add memory, of which there may be @most bytes. */
void vmbus_setup_room(uint64_t most);

/* The guest posts @len bytes. */
enum hv_status guest_post(const void *message, size_t len);

/* It connects with 5.3, or asks for offers. */
void guest_connect(void);
void guest_request_offers(void);

/* Message @i that the guest got. */
const void *guest_got(unsigned i);

/* A provider's end of a connection; it has been welcomed. */
int provider_join(enum provider_kind kind);

/* The file for figures that the last one got. */
extern int provider_figures_fd;

/* Let the worker handle what there is; returns how many events it was. */
unsigned worker_turn(void);

/* Send a message and let the worker handle it. */
void provider_tell(int fd, const void *message, size_t len);

/* Receive a message of @type with @fd_count descriptors, or fail. */
void provider_expect(int fd, uint32_t type, void *out, size_t size,
    int *fds, unsigned fd_count);

/* Offer class and instance @n as number @n. */
void provider_offers(int fd, uint32_t n);

#endif
