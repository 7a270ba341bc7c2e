/* SPDX-License-Identifier: Apache-2.0 */
/*
 * String instructions on ports. They are rare, and not made fast: each element
 * is translated and moved by itself, and registers say how far it got, so that
 * a fault or a long count begins again where it stopped.
 */
#include "worker/string_io.h"

#include <string.h>

#include <tlfs/memory.h>
#include <tlfs/registers.h>

#include "worker/vp_registers.h"

#define PAGE UINT64_C(4096)
#define RFLAGS_DIRECTION UINT64_C(0x400)
#define FAULT_PROTECTION 0x1u
#define FAULT_WRITE 0x2u
#define FAULT_USER 0x4u
#define ELEMENT_MAX 4

/* An element in guest memory: in one page, or across two. */
struct element {
	uint8_t *byte[ELEMENT_MAX];	/* NULL where there is no RAM */
};

enum reach {
	REACH_DONE,
	REACH_FAULT,		/* the guest has to handle a page fault */
	REACH_ERROR,
};

static uint64_t
address_mask(const struct hv_intercept_message_header *h, bool prefix)
{
	bool lma = (h->execution_state & HV_EXECUTION_EFER_LMA) != 0;

	if (lma && (h->cs.attributes & HV_SEGMENT_LONG) != 0)
		return prefix ? UINT32_MAX : UINT64_MAX;
	return ((h->cs.attributes & HV_SEGMENT_DEFAULT) != 0) != prefix ?
	    UINT32_MAX : UINT16_MAX;
}

void
string_io_decode(const struct hv_io_port_intercept_message *msg,
    struct string_io *out)
{
	bool address = false;

	*out = (struct string_io){
		.in = msg->header.intercept_access_type ==
		    HV_INTERCEPT_ACCESS_READ,
		.rep = (msg->access_info & HV_IO_PORT_REP) != 0,
		.down = (msg->header.rflags & RFLAGS_DIRECTION) != 0,
		.size = msg->access_info & HV_IO_PORT_SIZE_MASK,
		.segment = HV_REGISTER_DS,
	};
	for (unsigned i = 0; i < msg->instruction_byte_count &&
	    i < HV_INTERCEPT_BYTES; i++) {
		uint8_t byte = msg->instruction_bytes[i];

		if (byte >= 0x6c && byte <= 0x6f)
			break;
		if (byte == 0x67)
			address = true;
		else if (byte == 0x64 || byte == 0x65)
			out->segment = byte == 0x64 ? HV_REGISTER_FS :
			    HV_REGISTER_GS;
		else if (byte == 0x26 || byte == 0x2e || byte == 0x36)
			out->segment = HV_REGISTER_ES + (byte >> 3 & 3);
	}
	/* The target of INS is always in ES. */
	if (out->in)
		out->segment = HV_REGISTER_ES;
	out->mask = address_mask(&msg->header, address);
}

static int
segment_base(struct vp *vp, const struct string_io *s, uint64_t *base,
    struct err *e)
{
	struct hv_register_assoc r = { .name = s->segment };

	*base = 0;
	if (s->mask == UINT64_MAX && s->segment != HV_REGISTER_FS &&
	    s->segment != HV_REGISTER_GS)
		return 0;
	if (vp->machine->backend->get_registers(&vp->link, &r, 1, e) < 0)
		return -1;
	*base = r.value.segment.base;
	return 0;
}

static uint32_t
fault_code(const struct hv_io_port_intercept_message *msg, bool write,
    uint32_t result)
{
	bool user = (msg->header.execution_state & HV_EXECUTION_CPL_MASK) == 3;

	return (result == HV_TRANSLATE_PAGE_NOT_PRESENT ? 0 :
		FAULT_PROTECTION) |
	    (write ? FAULT_WRITE : 0) | (user ? FAULT_USER : 0);
}

/* Find the bytes of the element at @gva. */
static enum reach
element_find(struct vp *vp, const struct hv_io_port_intercept_message *msg,
    const struct string_io *s, uint64_t gva, struct element *out,
    struct err *e)
{
	const struct backend *b = vp->machine->backend;
	uint64_t page = 0, gpa = 0;
	uint32_t result;

	for (unsigned i = 0; i < s->size; i++) {
		uint64_t at = gva + i;

		if (i == 0 || at / PAGE != page) {
			page = at / PAGE;
			if (b->translate(&vp->link, at, s->in, &gpa, &result,
			    e) < 0)
				return REACH_ERROR;
			if (result == HV_TRANSLATE_GPA_UNMAPPED)
				gpa = UINT64_MAX & ~(PAGE - 1);
			else if (result != HV_TRANSLATE_SUCCESS)
				return vp_page_fault(vp, at, fault_code(msg,
				    s->in, result), e) < 0 ? REACH_ERROR :
				    REACH_FAULT;
		}
		out->byte[i] = guest_memory_at(&vp->machine->memory,
		    (gpa & ~(PAGE - 1)) | (at % PAGE), 1);
	}
	return REACH_DONE;
}

static void
element_move(struct vp *vp, uint16_t port, const struct string_io *s,
    const struct element *element)
{
	struct machine *m = vp->machine;
	struct devices_effect fx;
	uint32_t value = 0;

	for (unsigned i = 0; !s->in && i < s->size; i++)
		value |= (uint32_t)(element->byte[i] != NULL ?
		    *element->byte[i] : 0xff) << (8 * i);
	pthread_mutex_lock(&m->devices_lock);
	if (s->in)
		value = devices_in(&m->devices, port, s->size, &fx);
	else
		devices_out(&m->devices, port, s->size, value, &fx);
	pthread_mutex_unlock(&m->devices_lock);
	for (unsigned i = 0; s->in && i < s->size; i++)
		if (element->byte[i] != NULL)
			*element->byte[i] = (uint8_t)(value >> (8 * i));
	machine_effect(m, &fx);
}

/* A register of which the instruction uses the bits in @mask. */
static void
register_update(uint64_t *r, uint64_t value, uint64_t mask)
{
	/* Writing 32 bits clears the others. */
	if (mask == UINT16_MAX)
		*r = (*r & ~mask) | (value & mask);
	else
		*r = value & mask;
}

int
string_io_answer(struct vp *vp, const struct hv_io_port_intercept_message *msg,
    struct err *e)
{
	uint64_t r[VP_REGISTERS], base, offset, left;
	enum reach reach = REACH_DONE;
	uint64_t rip = msg->header.rip;
	uint64_t *index;
	struct string_io s;

	string_io_decode(msg, &s);
	if (segment_base(vp, &s, &base, e) < 0 ||
	    vp_registers_read(vp, r, e) < 0)
		return -1;
	index = s.in ? &r[VP_RDI] : &r[VP_RSI];
	offset = *index;
	left = s.rep ? r[VP_RCX] & s.mask : 1;
	for (unsigned n = 0; left != 0 && n < STRING_IO_BATCH; n++) {
		struct element element;

		reach = element_find(vp, msg, &s, base + (offset & s.mask),
		    &element, e);
		if (reach != REACH_DONE)
			break;
		element_move(vp, msg->port_number, &s, &element);
		offset += s.down ? -(uint64_t)s.size : s.size;
		left--;
	}
	if (reach == REACH_ERROR)
		return -1;
	register_update(index, offset, s.mask);
	if (s.rep)
		register_update(&r[VP_RCX], left, s.mask);
	if (left == 0)
		rip += msg->header.length_cr8 & HV_INTERCEPT_LENGTH_MASK;
	return vp_registers_write(vp, rip, r, e);
}
