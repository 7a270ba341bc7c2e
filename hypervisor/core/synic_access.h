/* SPDX-License-Identifier: Apache-2.0 */
/* Messages and events into the pages of a VP, and its SynIC's MSRs. */
#ifndef HV_CORE_SYNIC_ACCESS_H
#define HV_CORE_SYNIC_ACCESS_H

#include "core/synic.h"

struct vp;

/*
 * Deliver to SINT @sint of @vp and raise its interrupt; any processor.  Takes
 * the lock of the SynIC, rank LOCK_RANK_SYNIC.
 */
enum synic_delivery synic_post(struct vp *vp, unsigned int sint,
    const struct hv_message *msg);
enum synic_delivery synic_signal(struct vp *vp, unsigned int sint,
    unsigned int flag, bool *newly);

/* Append @port to the event ring of @vp, one of the parent's, and tell it. */
enum synic_delivery synic_ring(struct vp *vp, unsigned int sint,
    uint32_t port);

/* Post again the notices of rings that found their slot full. */
void synic_notify_rings(struct vp *vp);

/* MSRs for which synic_has_msr() holds; by the one who has the claim. */
bool synic_msr_write(struct vp *vp, uint32_t msr, uint64_t value);

/* Power-on and INIT: every page goes, every SINT is masked. */
void synic_pages_reset(struct vp *vp);

/* Slots that could take a message now, a bit each. */
uint16_t synic_free_slots(struct vp *vp);

#endif
