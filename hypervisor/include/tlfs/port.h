/* SPDX-License-Identifier: Apache-2.0 */
/* Ports and connections: messages, events and doorbells between partitions. */
#ifndef TLFS_PORT_H
#define TLFS_PORT_H

#include <tlfs/partition.h>

#define HV_PORT_ID_MASK			UINT32_C(0x00ffffff)
#define HV_CONNECTION_ID_MASK		UINT32_C(0x00ffffff)

enum hv_port_type {
	HV_PORT_TYPE_DOORBELL		= 4,
};

/* hv_input_connect_port.flags */
#define HV_DOORBELL_SIZE_MASK		UINT64_C(0x00000007)
#define HV_DOORBELL_SIZE_ANY		0
#define HV_DOORBELL_SIZE_WORD		2
#define HV_DOORBELL_SIZE_QWORD		4
#define HV_DOORBELL_ANY_VALUE		UINT64_C(0x80000000)

/*
 * Ours: doorbells from this address on, which no guest can write to, stand for
 * connections, HV_SIGNAL_WINDOW_STRIDE bytes each: HVCALL_SIGNAL_EVENT rings
 * them as if it were a write of its flag number, of 2 bytes.
 */
#define HV_SIGNAL_WINDOW		(UINT64_C(1) << 52)
#define HV_SIGNAL_WINDOW_STRIDE		UINT64_C(0x1000)

#endif /* TLFS_PORT_H */
