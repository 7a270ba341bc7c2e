/* SPDX-License-Identifier: Apache-2.0 */
/* Calls that raise, map or clear interrupts, send IPIs and flush TLBs. */
#ifndef TLFS_INTERRUPT_H
#define TLFS_INTERRUPT_H

#include <mullion/hypercall_abi.h>
#include <tlfs/layout.h>

enum hv_interrupt_type {
	HV_INTERRUPT_FIXED		= 0,
	HV_INTERRUPT_LOWEST_PRIORITY	= 1,
	HV_INTERRUPT_SMI		= 2,
	HV_INTERRUPT_REMOTE_READ	= 3,
	HV_INTERRUPT_NMI		= 4,
	HV_INTERRUPT_INIT		= 5,
	HV_INTERRUPT_SIPI		= 6,
	HV_INTERRUPT_EXTINT		= 7,
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

/* A set of VP indexes; the banks that valid_bank_mask tells follow. */
#define HV_GENERIC_SET_SPARSE_4K	0
#define HV_GENERIC_SET_ALL		1

struct hv_vpset {
	uint64_t format;
	uint64_t valid_bank_mask;
};
HV_LAYOUT_SIZE(struct hv_vpset, 16);

/* HVCALL_SEND_IPI_EX: then the banks, as variable header. */
struct hv_input_send_ipi_ex {
	uint32_t vector;
	uint8_t target_vtl;
	uint8_t padding[3];
	struct hv_vpset vp_set;
};

/* Fields called flags of the flush calls. */
#define HV_FLUSH_ALL_PROCESSORS			UINT64_C(0x1)

/* ..._EX: then the banks, as variable header, and of _LIST_EX the ranges. */
struct hv_input_flush_virtual_address_ex {
	uint64_t address_space;
	uint64_t flags;
	struct hv_vpset vp_set;
};

enum hv_interrupt_source {
	HV_INTERRUPT_SOURCE_MSI		= 1,
	HV_INTERRUPT_SOURCE_IOAPIC	= 2,
};

/* value: MSI address and data, or the low and high half of the IO-APIC entry */
struct hv_interrupt_entry {
	uint32_t source;
	uint32_t reserved1;
	uint64_t value;
};
HV_LAYOUT_SIZE(struct hv_interrupt_entry, 16);

/* Fields called device_id. */
#define HV_DEVICE_TYPE_SHIFT		62
#define HV_DEVICE_TYPE_PCI		1
#define HV_DEVICE_TYPE_IOAPIC		2

#define HV_INTERRUPT_TARGET_VP_SET	UINT32_C(2)

/*
 * HVCALL_MAP_DEVICE_INTERRUPT: then, for HV_INTERRUPT_TARGET_VP_SET, the
 * banks. The variable header counts valid_bank_mask as well.
 */
struct hv_input_map_device_interrupt {
	uint64_t partition_id;
	uint64_t device_id;
	uint32_t flags;
	uint32_t base_irt_idx;
	struct hv_interrupt_entry logical_interrupt_entry;
	uint32_t interrupt_type;
	uint32_t trigger_mode;
	uint32_t vector_count;
	uint32_t reserved;
	uint32_t vector;
	uint32_t target_flags;
	struct hv_vpset vp_set;		/* without the flag: mask in format */
};
HV_LAYOUT_AT(struct hv_input_map_device_interrupt, interrupt_type, 40);
HV_LAYOUT_AT(struct hv_input_map_device_interrupt, vector, 56);

struct hv_output_map_device_interrupt {
	struct hv_interrupt_entry interrupt_entry;
	uint64_t ext_status_deprecated[5];
};
HV_LAYOUT_SIZE(struct hv_output_map_device_interrupt, 56);

/* HVCALL_UNMAP_DEVICE_INTERRUPT */
struct hv_input_unmap_device_interrupt {
	uint64_t partition_id;
	uint64_t device_id;
	struct hv_interrupt_entry interrupt_entry;
	uint32_t flags;
} HV_PACKED;

#endif /* TLFS_INTERRUPT_H */
