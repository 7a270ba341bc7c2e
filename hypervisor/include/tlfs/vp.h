/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on virtual processors: creation, registers, state, dispatch. */
#ifndef TLFS_VP_H
#define TLFS_VP_H

#include <tlfs/partition.h>
#include <tlfs/register_value.h>

struct hv_register_assoc {
	uint32_t name;
	uint32_t reserved1;
	uint64_t reserved2;
	union hv_register_value value;
};
HV_LAYOUT_SIZE(struct hv_register_assoc, 32);

enum hv_vp_state_page_type {
	HV_VP_STATE_PAGE_REGISTERS		= 0,
	HV_VP_STATE_PAGE_INTERCEPT_MESSAGE	= 1,
};

#define HV_STATE_PAGE_LOCATION_PROVIDED	0x1u

/* hv_vp_state_header.type; with the top bit the data is in listed pages. */
#define HV_VP_STATE_LAPIC		UINT32_C(0x80000000)
#define HV_VP_STATE_XSAVE		UINT32_C(0x80000001)
#define HV_VP_STATE_SIMP		UINT32_C(0x80000002)
#define HV_VP_STATE_SIEFP		UINT32_C(0x80000003)
#define HV_VP_STATE_TIMERS		UINT32_C(0x00000004)

/* HV_VP_STATE_LAPIC */
struct hv_local_interrupt_controller_state {
	uint32_t apic_id;
	uint32_t apic_version;
	uint32_t apic_ldr;
	uint32_t apic_dfr;
	uint32_t apic_spurious;
	uint32_t apic_isr[8];
	uint32_t apic_tmr[8];
	uint32_t apic_irr[8];
	uint32_t apic_esr;
	uint32_t apic_icr_high;
	uint32_t apic_icr_low;
	uint32_t apic_lvt[6];	/* timer, thermal, perfmon, LINT0, 1, error */
	uint32_t apic_lvt_cmci;
	uint32_t apic_error_status;
	uint32_t apic_initial_count;
	uint32_t apic_counter_value;
	uint32_t apic_divide_configuration;
	uint32_t apic_remote_read;
};
HV_LAYOUT_SIZE(struct hv_local_interrupt_controller_state, 176);

#endif /* TLFS_VP_H */
