/* SPDX-License-Identifier: Apache-2.0 */
/* Entry conditions of the 64-bit Linux boot protocol and of PVH. */
#include "worker/start_state.h"

#include "worker/bootinfo.h"

#define CR0_PE (UINT64_C(1) << 0)
#define CR0_ET (UINT64_C(1) << 4)
#define CR0_NE (UINT64_C(1) << 5)
#define CR0_WP (UINT64_C(1) << 16)
#define CR0_PG (UINT64_C(1) << 31)
#define CR4_PAE (UINT64_C(1) << 5)
#define EFER_LME (UINT64_C(1) << 8)
#define EFER_LMA (UINT64_C(1) << 10)
#define RFLAGS_RESERVED UINT64_C(2)

#define TYPE_CODE 0xbu		/* execute, read, accessed */
#define TYPE_DATA 0x3u		/* read, write, accessed */
#define TYPE_LDT 0x2u
#define TYPE_BUSY_TSS 0xbu

struct list {
	struct hv_register_assoc *out;
	size_t n;
};

static union hv_register_value *
add(struct list *l, enum hv_register_name name)
{
	struct hv_register_assoc *r = &l->out[l->n++];

	*r = (struct hv_register_assoc){ .name = name };
	return &r->value;
}

static void
add64(struct list *l, enum hv_register_name name, uint64_t value)
{
	add(l, name)->reg64 = value;
}

static void
add_segment(struct list *l, enum hv_register_name name, unsigned selector,
    uint32_t limit, unsigned attributes)
{
	add(l, name)->segment = (struct hv_segment_register){
		.limit = limit,
		.selector = (uint16_t)selector,
		.attributes = (uint16_t)(attributes | HV_SEGMENT_PRESENT),
	};
}

static void
add_flat_data(struct list *l)
{
	static const enum hv_register_name names[] = {
		HV_REGISTER_DS, HV_REGISTER_ES, HV_REGISTER_SS,
		HV_REGISTER_FS, HV_REGISTER_GS,
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		add_segment(l, names[i], BOOTINFO_DATA, UINT32_MAX,
		    TYPE_DATA | HV_SEGMENT_NON_SYSTEM | HV_SEGMENT_DEFAULT |
		    HV_SEGMENT_GRANULARITY);
}

static void
add_tables(struct list *l)
{
	add_segment(l, HV_REGISTER_LDTR, 0, 0xffff, TYPE_LDT);
	add_segment(l, HV_REGISTER_TR, BOOTINFO_TASK, 0x67, TYPE_BUSY_TSS);
	add(l, HV_REGISTER_GDTR)->table = (struct hv_table_register){
		.limit = BOOTINFO_GDT_SIZE - 1,
		.base = MEMMAP_GDT,
	};
}

static void
add_code(struct list *l, unsigned selector, unsigned attributes)
{
	add_segment(l, HV_REGISTER_CS, selector, UINT32_MAX,
	    TYPE_CODE | HV_SEGMENT_NON_SYSTEM | HV_SEGMENT_GRANULARITY |
	    attributes);
}

static void
linux_64(struct list *l)
{
	add64(l, HV_REGISTER_EFER, EFER_LME | EFER_LMA);
	add64(l, HV_REGISTER_CR4, CR4_PAE);
	add64(l, HV_REGISTER_CR3, MEMMAP_PAGE_TABLES);
	add64(l, HV_REGISTER_CR0, CR0_PE | CR0_ET | CR0_NE | CR0_WP | CR0_PG);
	add_code(l, BOOTINFO_CODE_64, HV_SEGMENT_LONG);
	add64(l, HV_REGISTER_RSI, MEMMAP_ZERO_PAGE);
}

static void
pvh(struct list *l)
{
	add64(l, HV_REGISTER_CR0, CR0_PE | CR0_ET);
	add_code(l, BOOTINFO_CODE_32, HV_SEGMENT_DEFAULT);
	add64(l, HV_REGISTER_RBX, MEMMAP_START_INFO);
}

size_t
start_state(const struct start *s,
    struct hv_register_assoc out[START_STATE_MAX])
{
	struct list l = { .out = out };

	if (s->protocol == START_LINUX_64)
		linux_64(&l);
	else
		pvh(&l);
	add_flat_data(&l);
	add_tables(&l);
	add64(&l, HV_REGISTER_RFLAGS, RFLAGS_RESERVED);
	add64(&l, HV_REGISTER_RIP, s->entry);
	return l.n;
}
