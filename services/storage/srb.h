/* SPDX-License-Identifier: Apache-2.0 */
/* SCSI requests of a controller, from arrival to answer. */
#ifndef MULLION_STORAGE_SRB_H
#define MULLION_STORAGE_SRB_H

#include "storage/controller.h"

/* Carry out the SRB in @p, a copy of what arrived as @a. */
void srb_begin(struct controller *c, const struct arrival *a,
    const struct vstor_packet *p);

/* Answer @p to the guest, unless its channel is being closed. */
void controller_answer(struct controller *c, unsigned channel, uint64_t id,
    struct vstor_packet *p, uint32_t status);

/* A request of @channel has ended: what waited for that happens. */
void controller_settle(struct controller *c, unsigned channel);

/* The two ways to choose requests that wait for space. */
#define SRB_ANY_CHANNEL CONTROLLER_CHANNELS

/* End those of @channel and of @d (NULL: of any) without the space. */
void srb_fail_held(struct controller *c, unsigned channel,
    const struct disk *d);

/* Give back a disk that was detached and has nothing under way. */
void srb_free_disk(struct disk *d);

#endif
