/* SPDX-License-Identifier: Apache-2.0 */
/* Register values, segment and table registers, and the register page. */
#ifndef TLFS_REGISTER_VALUE_H
#define TLFS_REGISTER_VALUE_H

#include <tlfs/layout.h>

struct hv_u128 {
	uint64_t low;
	uint64_t high;
};

/* hv_segment_register.attributes */
#define HV_SEGMENT_NON_SYSTEM		0x0010u
#define HV_SEGMENT_DPL_SHIFT		5
#define HV_SEGMENT_DPL_MASK		0x0060u
#define HV_SEGMENT_PRESENT		0x0080u
#define HV_SEGMENT_LONG			0x2000u
#define HV_SEGMENT_DEFAULT		0x4000u
#define HV_SEGMENT_GRANULARITY		0x8000u

struct hv_segment_register {
	uint64_t base;
	uint32_t limit;
	uint16_t selector;
	uint16_t attributes;
};
HV_LAYOUT_SIZE(struct hv_segment_register, 16);

struct hv_table_register {
	uint16_t pad[3];
	uint16_t limit;
	uint64_t base;
};
HV_LAYOUT_SIZE(struct hv_table_register, 16);

/* HV_REGISTER_FP_CONTROL_STATUS */
struct hv_fp_control_status {
	uint16_t fp_control;
	uint16_t fp_status;
	uint8_t fp_tag;
	uint8_t reserved;
	uint16_t last_fp_op;
	uint64_t last_fp_rip;
};
HV_LAYOUT_SIZE(struct hv_fp_control_status, 16);

/* HV_REGISTER_XMM_CONTROL_STATUS */
struct hv_xmm_control_status {
	uint64_t last_fp_rdp;
	uint32_t xmm_status_control;
	uint32_t xmm_status_control_mask;
};
HV_LAYOUT_SIZE(struct hv_xmm_control_status, 16);

union hv_register_value {
	struct hv_u128 reg128;
	uint64_t reg64;
	struct hv_segment_register segment;
	struct hv_table_register table;
	struct hv_fp_control_status fp_control_status;
	struct hv_xmm_control_status xmm_control_status;
};
HV_LAYOUT_SIZE(union hv_register_value, 16);

/* hv_vp_register_page.dirty: groups that the caller of DISPATCH changed. */
#define HV_REGISTER_PAGE_DIRTY_GENERAL	UINT32_C(0x01)
#define HV_REGISTER_PAGE_DIRTY_IP	UINT32_C(0x02)
#define HV_REGISTER_PAGE_DIRTY_XMM	UINT32_C(0x04)
#define HV_REGISTER_PAGE_DIRTY_SEGMENT	UINT32_C(0x08)
#define HV_REGISTER_PAGE_DIRTY_FLAGS	UINT32_C(0x10)
#define HV_REGISTER_PAGE_DIRTY_MASK	UINT32_C(0x1f)

#define HV_REGISTER_PAGE_VERSION	1
#define HV_REGISTER_PAGE_VECTORS	7

/* Order of hv_vp_register_page.segments. */
enum hv_register_page_segment {
	HV_REGISTER_PAGE_ES,
	HV_REGISTER_PAGE_CS,
	HV_REGISTER_PAGE_SS,
	HV_REGISTER_PAGE_DS,
	HV_REGISTER_PAGE_FS,
	HV_REGISTER_PAGE_GS,
	HV_REGISTER_PAGE_SEGMENTS,
};

struct hv_vp_register_page {
	uint16_t version;
	uint8_t isvalid;
	uint8_t rsvdz;
	uint32_t dirty;
	uint64_t gp_registers[16];	/* as in the instruction set */
	uint64_t rip;
	uint64_t rflags;
	uint64_t reserved;
	struct hv_u128 xmm[6];
	struct hv_segment_register segments[HV_REGISTER_PAGE_SEGMENTS];
	/* From here on for the reader only. */
	uint64_t cr0;
	uint64_t cr3;
	uint64_t cr4;
	uint64_t cr8;
	uint64_t efer;
	uint64_t dr7;
	uint64_t pending_interruption;
	uint64_t interrupt_state;
	uint64_t instruction_emulation_hints;
	uint64_t xfem;
	uint8_t reserved1[256];
	/* Vectors to inject at dispatch. */
	uint8_t vector_count;
	uint8_t vectors[HV_REGISTER_PAGE_VECTORS];
};
HV_LAYOUT_SIZE(struct hv_vp_register_page, 696);
HV_LAYOUT_AT(struct hv_vp_register_page, rip, 136);
HV_LAYOUT_AT(struct hv_vp_register_page, xmm, 160);
HV_LAYOUT_AT(struct hv_vp_register_page, segments, 256);
HV_LAYOUT_AT(struct hv_vp_register_page, cr0, 352);
HV_LAYOUT_AT(struct hv_vp_register_page, pending_interruption, 400);
HV_LAYOUT_AT(struct hv_vp_register_page, xfem, 424);
HV_LAYOUT_AT(struct hv_vp_register_page, vector_count, 688);

#endif /* TLFS_REGISTER_VALUE_H */
