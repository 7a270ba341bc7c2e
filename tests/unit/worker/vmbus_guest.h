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
/* The only channel's relid, and the list of the pages of its rings. */
#define GUEST_RELID 1
#define GUEST_GPADL 0xe1e10
#define GUEST_RING_PAGES 8

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

/* It makes a list of pages for rings, or opens the channel with it. */
void guest_posts_ring(void);
void guest_posts_open(void);

/* Message @i that the guest got, or only its type. */
const void *guest_got(unsigned i);
uint32_t got_type(unsigned i);

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

/* Receive a short message of @type for offer @number; its status. */
uint32_t provider_expect_short(int fd, uint32_t type, uint32_t number);
void provider_tell_short(int fd, uint32_t type, uint32_t number,
    uint32_t status);

/* It is told of the rings' pages for offer @number, and has them. */
void provider_takes_ring(int fd, uint32_t number);

/* Offer class and instance @n as number @n. */
void provider_offers(int fd, uint32_t n);

#endif
