/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of the parent, and the doorbells of children that lead to them. */
#ifndef HV_CORE_PORT_H
#define HV_CORE_PORT_H

#include "core/types.h"
#include <tlfs/port.h>
#include <tlfs/status.h>

struct partition;
struct vp;

/*
 * Make port @in->port_id of the parent, for doorbells of @child. Errors:
 * HV_INVALID_PORT_ID (out of range, or it exists), HV_INVALID_PARAMETER (not
 * a doorbell, or no such SINT), HV_INSUFFICIENT_MEMORY (of the parent's pool).
 */
enum hv_status port_create(const struct hv_input_create_port *in,
    const struct partition *child);

/* HV_INVALID_PORT_ID: there is none. Connections to it ring nothing then. */
enum hv_status port_delete(uint32_t port_id);

/*
 * Connect writes of @child to a port that was made for it. Errors:
 * HV_INVALID_PORT_ID, HV_INVALID_CONNECTION_ID (0, too high, or taken),
 * HV_INVALID_PARAMETER (flags), HV_INVALID_PARTITION_STATE,
 * HV_INSUFFICIENT_MEMORY (of the child's pool).
 */
enum hv_status port_connect(struct partition *child,
    const struct hv_input_connect_port *in);

/* HV_INVALID_CONNECTION_ID: there is none. */
enum hv_status port_disconnect(struct partition *child, uint32_t connection);

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

/* Ring again what found the event ring of @sint of the parent full. */
void port_ring_empty(uint32_t sint);

/* @part ends: forget its connections and the ports made for it. */
void port_partition_gone(struct partition *part);

#endif /* HV_CORE_PORT_H */
