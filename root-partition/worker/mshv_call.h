/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercalls through the driver, and the backend's part about messages. */
#ifndef MULLION_WORKER_MSHV_CALL_H
#define MULLION_WORKER_MSHV_CALL_H

#include "manager/err.h"
#include "worker/backend.h"
#include "worker/mshv_abi.h"

/*
 * Make the hypercall @r through @fd, a partition or one of its VPs; @what says
 * in *@e what was tried. r->status has the hypervisor's answer in any case.
 */
int mshv_call(int fd, struct mshv_call_request *r, const char *what,
    struct err *e);

/* Read a property of the partition; *@value is untouched if that fails. */
int mshv_property(const struct partition *p, uint32_t property,
    uint64_t *value, const char *what, struct err *e);

/* Have the calls by which a child reaches its VMBus stop its VPs. */
int mshv_intercept_hypercalls(const struct partition *p, struct err *e);

/* As struct backend describes them. */
enum backend_delivery mshv_post_message(const struct partition *p,
    uint32_t vp, uint8_t sint, const struct hv_message *m);
int mshv_await_slots(const struct partition *p, uint32_t vp, uint16_t sints,
    struct err *e);
void mshv_signal_event(const struct partition *p, uint32_t vp, uint8_t sint,
    uint16_t flag);
int mshv_doorbell(const struct partition *p, uint32_t connection, int fd,
    bool on, struct err *e);

int mshv_event_connect(struct partition *p, uint16_t flag, uint32_t vp,
    int fd, struct err *e);
void mshv_event_disconnect(struct partition *p, uint16_t flag, int fd);

/* Find out how signals can pass by us. */
void mshv_find_bells(struct partition *p);

#endif
