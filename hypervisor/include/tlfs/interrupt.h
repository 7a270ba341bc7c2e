/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that raise, map or clear interrupts, send IPIs and flush TLBs. */
#ifndef TLFS_INTERRUPT_H
#define TLFS_INTERRUPT_H

#include <mullion/hypercall_abi.h>
#include <tlfs/layout.h>

enum hv_interrupt_type {
	HV_INTERRUPT_FIXED		= 0,
	HV_INTERRUPT_LOWEST_PRIORITY	= 1,
	HV_INTERRUPT_REMOTE_READ	= 3,
	HV_INTERRUPT_NMI		= 4,
	HV_INTERRUPT_LOCALINT0		= 8,
	HV_INTERRUPT_LOCALINT1		= 9,
};

/* hv_input_assert_virtual_interrupt.control */
#define HV_INTERRUPT_CONTROL_TYPE_MASK	UINT64_C(0x00000000ffffffff)
#define HV_INTERRUPT_CONTROL_LEVEL	UINT64_C(0x0000000100000000)
#define HV_INTERRUPT_CONTROL_LOGICAL	UINT64_C(0x0000000200000000)

/*
 * Ours: an interrupt of type HV_INTERRUPT_REMOTE_READ, logical, sets an event
 * flag of SINT HV_SINT_VMBUS instead. What an MSI's route can tell has room
 * for 2048 flags and 64 VPs.
 */
#define HV_EVENT_INTERRUPT_VPS		64
#define HV_EVENT_INTERRUPT_VECTOR(flag)	((flag) & 0xffu)
#define HV_EVENT_INTERRUPT_DEST(flag, vp) \
	(((flag) >> 8 & 0x7u) | ((vp) & 0x1fu) << 3)
#define HV_EVENT_INTERRUPT_LEVEL(vp)	((vp) >> 5 & 0x1u)
#define HV_EVENT_INTERRUPT_FLAG(vector, dest) \
	(((vector) & 0xffu) | ((dest) & 0x7u) << 8)
#define HV_EVENT_INTERRUPT_VP(dest, level) \
	(((dest) >> 3 & 0x1fu) | (level) << 5)

/* Fields called format: a set of VP indexes, of the banks that follow. */
#define HV_GENERIC_SET_SPARSE_4K	0
#define HV_GENERIC_SET_ALL		1

/* Fields called flags of the flush calls. */
#define HV_FLUSH_ALL_PROCESSORS			UINT64_C(0x1)

enum hv_interrupt_source {
	HV_INTERRUPT_SOURCE_MSI		= 1,
	HV_INTERRUPT_SOURCE_IOAPIC	= 2,
};

/* Fields called device_id. */
#define HV_DEVICE_TYPE_SHIFT		62
#define HV_DEVICE_TYPE_PCI		1
#define HV_DEVICE_TYPE_IOAPIC		2

/*
 * hv_input_map_device_interrupt.target_flags: the banks follow, and the
 * variable header counts valid_bank_mask as well. Without it, format is a mask.
 */
#define HV_INTERRUPT_TARGET_VP_SET	UINT32_C(2)

#endif /* TLFS_INTERRUPT_H */
