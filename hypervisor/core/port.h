/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of the parent, and the doorbells of children that lead to them. */
#ifndef HV_CORE_PORT_H
#define HV_CORE_PORT_H

#include "core/types.h"

struct partition;
struct vp;

/*
 * A write of @vp to @addr, which is not mapped: if it rings a doorbell, signal
 * the port and step over the instruction. False: it is none of ours.
 */
bool port_doorbell(struct vp *vp, gpa_t addr);

/*
 * @child signals flag @flag of a connection: ring the doorbell in the signal
 * window that stands for it. False: there is none.
 */
bool port_signal(struct partition *child, uint32_t connection,
    uint16_t flag);

/* @part ends: forget its connections and the ports made for it. */
void port_partition_gone(struct partition *part);

#endif /* HV_CORE_PORT_H */
