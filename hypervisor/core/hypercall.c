/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercalls: decoding what the caller asks, and handing it to a handler. */
#include "core/hypercall.h"

#include "core/assert.h"
#include "core/bits.h"
#include "core/intercept.h"
#include "core/partition.h"
#include "core/vp.h"

#define REP_FIELD(control, name) \
	((uint16_t)(((control) & HV_HYPERCALL_REP_##name##_MASK) >> \
	    HV_HYPERCALL_REP_##name##_SHIFT))

/* Memory that is missing: the parent's own fault, or a child has to wait. */
static enum hv_status
memory_fails(struct hypercall *hc)
{
	if (hc->part->is_root || hc->fault.kind == GUEST_UNMAPPED)
		return HV_INVALID_HYPERCALL_INPUT;
	hc->outcome = HYPERCALL_RETRY;
	return HV_OPERATION_FAILED;
}

static enum hv_status
memory_read(struct hypercall *hc, gpa_t from, void *to, size_t size)
{
	if (size != 0 &&
	    guest_read(hc->part, from, to, size, &hc->fault) != GUEST_OK)
		return memory_fails(hc);
	return HV_SUCCESS;
}

static enum hv_status
memory_write(struct hypercall *hc, gpa_t to, const void *from, size_t size)
{
	ASSERT(size != 0);
	if (guest_write(hc->part, to, from, size, &hc->fault) != GUEST_OK)
		return memory_fails(hc);
	return HV_SUCCESS;
}

static bool
block_fits(gpa_t block, size_t size)
{
	return is_aligned(block.v, HV_HYPERCALL_ALIGNMENT) &&
	    size <= PAGE_SIZE - block.v % PAGE_SIZE;
}

static size_t
varhead_offset(const struct hypercall *hc)
{
	return hc->entry->input_size -
	    hc->entry->varhead_overlap * sizeof(uint64_t);
}

/* Bytes of the input up to the list. */
static size_t
list_offset(const struct hypercall *hc)
{
	if (hc->varhead == 0)
		return hc->entry->input_size;
	return varhead_offset(hc) + hc->varhead * sizeof(uint64_t);
}

static enum hv_status
fetch_memory_input(struct hypercall *hc)
{
	const struct hypercall_entry *e = hc->entry;
	size_t size = list_offset(hc) + (size_t)e->rep_in_size * hc->rep_count;

	if (size == 0)
		return HV_SUCCESS;
	if (!block_fits(hc->input_gpa, MAX(size, e->input_size)))
		return HV_INVALID_ALIGNMENT;
	return memory_read(hc, hc->input_gpa, hc->input, e->input_size);
}

/* What has a side effect must be able to tell of it. */
static enum hv_status
check_output(struct hypercall *hc)
{
	const struct hypercall_entry *e = hc->entry;
	size_t size = e->output_size + (size_t)e->rep_out_size * hc->rep_count;

	if (size == 0)
		return HV_SUCCESS;
	if (!block_fits(hc->output_gpa, size))
		return HV_INVALID_ALIGNMENT;
	if (guest_probe_write(hc->part, hc->output_gpa, &hc->fault) != GUEST_OK)
		return memory_fails(hc);
	return HV_SUCCESS;
}

/* Apart from the fast form, which must not save registers for this. */
static enum hv_status __attribute__((noinline))
fetch_memory(struct hypercall *hc, const struct hypercall_entry *entry)
{
	enum hv_status status;

	hc->entry = entry;
	hc->input_gpa = gpa(hc->vp->regs.gpr[GPR_RDX]);
	hc->output_gpa = gpa(hc->vp->regs.gpr[GPR_R8]);
	status = fetch_memory_input(hc);
	return status == HV_SUCCESS ? check_output(hc) : status;
}

static const struct hypercall_entry *
find_entry(uint64_t control)
{
	uint64_t code = control & HV_HYPERCALL_CODE_MASK;

	return code < HYPERCALL_TABLE_SIZE ? hypercall_table[code] : NULL;
}

static enum hv_status
decode(struct hypercall *hc, const struct hypercall_entry *e,
    uint64_t control)
{
	if ((control & ~e->control) != 0)
		return HV_INVALID_HYPERCALL_INPUT;
	if (e->rep && hc->rep_start >= hc->rep_count)
		return HV_INVALID_HYPERCALL_INPUT;
	if ((e->parent_only && !hc->part->is_root) ||
	    (hc->part->privileges & e->privileges) != e->privileges)
		return HV_ACCESS_DENIED;
	if ((control & HV_HYPERCALL_FAST) != 0) {
		hc->input[0] = hc->vp->regs.gpr[GPR_RDX];
		hc->input[1] = hc->vp->regs.gpr[GPR_R8];
		return HV_SUCCESS;
	}
	return fetch_memory(hc, e);
}

/* Most calls have none: then the whole upper part of @control is 0. */
static void
decode_counts(struct hypercall *hc, const struct hypercall_entry *e,
    uint64_t control)
{
	if (control >> HV_HYPERCALL_VARHEAD_SHIFT == 0) {
		hc->varhead = hc->rep_start = 0;
		hc->rep_count = hc->reps_done = 0;
		return;
	}
	hc->varhead = (uint16_t)((control & HV_HYPERCALL_VARHEAD_MASK) >>
	    HV_HYPERCALL_VARHEAD_SHIFT);
	hc->rep_start = REP_FIELD(control, START);
	hc->rep_count = REP_FIELD(control, COUNT);
	hc->reps_done = e->rep ? hc->rep_start : 0;
}

static void
hypercall_end(struct vp *vp, uint64_t result)
{
	vp->regs.gpr[GPR_RAX] = result;
	vp_skip(vp, HYPERCALL_INSN_LENGTH);
}

void
hypercall_handle(struct vp *vp)
{
	uint64_t control = vp->regs.gpr[GPR_RCX];
	const struct hypercall_entry *entry = find_entry(control);
	enum hv_status status;
	struct hypercall hc;

	if (entry == NULL) {
		hypercall_end(vp, HV_INVALID_HYPERCALL_CODE);
		return;
	}
	hc.vp = vp;
	hc.part = vp->part;
	decode_counts(&hc, entry, control);
	hc.outcome = HYPERCALL_DONE;
	status = decode(&hc, entry, control);
	if (status == HV_SUCCESS)
		status = entry->handler(&hc);
	if (hc.outcome == HYPERCALL_DONE)
		hypercall_end(vp, hypercall_result(status, hc.reps_done));
	else if (hc.outcome == HYPERCALL_RETRY)
		intercept_memory(vp, hc.fault.gpa,
		    hc.fault.kind == GUEST_NO_ACCESS, hc.fault.write ?
		    HV_INTERCEPT_ACCESS_WRITE : HV_INTERCEPT_ACCESS_READ);
	else if (hc.outcome == HYPERCALL_CONTINUE)
		vp->regs.gpr[GPR_RCX] = (vp->regs.gpr[GPR_RCX] &
		    ~HV_HYPERCALL_REP_START_MASK) | (uint64_t)hc.reps_done <<
		    HV_HYPERCALL_REP_START_SHIFT;
}

void
hypercall_complete(struct vp *vp, enum hv_status status)
{
	hypercall_end(vp, hypercall_result(status, 0));
}

enum hv_status
hypercall_read_rep(struct hypercall *hc, void *element)
{
	size_t size = hc->entry->rep_in_size;
	gpa_t from = gpa_add(hc->input_gpa,
	    list_offset(hc) + hc->reps_done * size);

	ASSERT(hc->reps_done < hc->rep_count && size != 0);
	return memory_read(hc, from, element, size);
}

enum hv_status
hypercall_write_rep(struct hypercall *hc, const void *element)
{
	size_t size = hc->entry->rep_out_size;
	gpa_t to = gpa_add(hc->output_gpa, hc->reps_done * size);

	ASSERT(hc->reps_done < hc->rep_count);
	return memory_write(hc, to, element, size);
}

enum hv_status
hypercall_read_varhead(struct hypercall *hc, size_t first, size_t count,
    uint64_t *to)
{
	gpa_t from = gpa_add(hc->input_gpa,
	    varhead_offset(hc) + first * sizeof(uint64_t));

	if (count > hc->varhead || first > hc->varhead - count)
		return HV_INVALID_HYPERCALL_INPUT;
	return memory_read(hc, from, to, count * sizeof(uint64_t));
}

enum hv_status
hypercall_output(struct hypercall *hc, const void *output, size_t size)
{
	ASSERT(size <= hc->entry->output_size);
	return memory_write(hc, hc->output_gpa, output, size);
}
