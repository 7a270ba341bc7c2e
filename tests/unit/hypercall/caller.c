/* SPDX-License-Identifier: Apache-2.0 */
/* A VP that makes hypercalls of a table of its own. */
#include "caller.h"

#include <string.h>

#include "core/assert.h"
#include "core/intercept.h"
#include "core/memory_access.h"
#include "x86/svm/svm.h"

#define FAST	HV_HYPERCALL_FAST
#define HEADER	HV_HYPERCALL_VARHEAD_MASK
#define REPEAT	(HV_HYPERCALL_REP_COUNT_MASK | HV_HYPERCALL_REP_START_MASK)

struct caller_seen caller_seen;
struct vp caller_vp;
struct guest_fault caller_missing;
struct partition root_partition;

static struct partition child;
static struct pool pool;

static enum hv_status
handle_fast(struct hypercall *hc)
{
	caller_seen.calls++;
	memcpy(caller_seen.input, hc->input, sizeof(caller_seen.input));
	return HV_SUCCESS;
}

static enum hv_status
handle_output(struct hypercall *hc)
{
	uint64_t answer = CALLER_ANSWER;

	caller_seen.calls++;
	return hypercall_output(hc, &answer, sizeof(answer));
}

static enum hv_status
handle_list(struct hypercall *hc)
{
	enum hv_status status = HV_SUCCESS;

	caller_seen.calls++;
	for (; hc->reps_done < hc->rep_count; hc->reps_done++) {
		uint64_t element;

		status = hypercall_read_rep(hc, &element);
		if (status != HV_SUCCESS)
			break;
		if (element == CALLER_BAD)
			return HV_INVALID_PARAMETER;
		element *= 2;
		status = hypercall_write_rep(hc, &element);
		if (status != HV_SUCCESS)
			break;
	}
	return status;
}

static enum hv_status
handle_header(struct hypercall *hc)
{
	enum hv_status status;

	caller_seen.calls++;
	status = hypercall_read_varhead(hc, 0, 2, caller_seen.header);
	for (; status == HV_SUCCESS && hc->reps_done < hc->rep_count;
	    hc->reps_done++) {
		uint64_t element;

		status = hypercall_read_rep(hc, &element);
		caller_seen.sum += element;
	}
	return status;
}

static enum hv_status
handle_nothing(struct hypercall *hc)
{
	(void)hc;
	caller_seen.calls++;
	return HV_SUCCESS;
}

static enum hv_status
handle_switch(struct hypercall *hc)
{
	hc->outcome = HYPERCALL_SWITCH;
	return HV_SUCCESS;
}

static enum hv_status
handle_long(struct hypercall *hc)
{
	uint16_t left = (uint16_t)(hc->rep_count - hc->reps_done);

	hc->reps_done = (uint16_t)(hc->reps_done + MIN(left, 2u));
	if (left > 2)
		hc->outcome = HYPERCALL_CONTINUE;
	return HV_SUCCESS;
}

#define CALL(...)	&(const struct hypercall_entry){ __VA_ARGS__ }

const struct hypercall_entry *const hypercall_table[HYPERCALL_TABLE_SIZE] = {
	[CALL_FAST] = CALL(.input_size = 16, .control = 0xffff | FAST,
	    .handler = handle_fast),
	[CALL_OUTPUT] = CALL(.output_size = 8, .control = 0xffff,
	    .handler = handle_output),
	[CALL_LIST] = CALL(.input_size = 8, .rep_in_size = 8,
	    .rep_out_size = 8, .rep = true, .control = 0xffff | REPEAT,
	    .handler = handle_list),
	[CALL_HEADER] = CALL(.input_size = 8, .rep_in_size = 8, .rep = true,
	    .control = 0xffff | REPEAT | HEADER, .handler = handle_header),
	[CALL_PARENT] = CALL(.parent_only = true, .control = 0xffff,
	    .handler = handle_nothing),
	[CALL_PRIVILEGED] = CALL(.privileges = 6, .control = 0xffff,
	    .handler = handle_nothing),
	[CALL_SWITCH] = CALL(.control = 0xffff, .handler = handle_switch),
	[CALL_LONG] = CALL(.rep = true, .control = 0xffff | REPEAT,
	    .handler = handle_long),
};

struct partition *
partition_get(struct partition *caller, uint64_t id)
{
	return id == caller->id ? caller : NULL;
}

static void
child_map(uint64_t addr, uint32_t perms)
{
	struct gpamap_change change = { 0 };

	ASSERT(machine_map(&child.map, &change, addr >> PAGE_SHIFT,
	    spa(perms != 0 ? addr : 0), perms) ==
	    HV_SUCCESS);
}

void
caller_init(void)
{
	machine_init();
	root_partition = (struct partition){ .id = 1, .is_root = true };
	child = (struct partition){ .id = 2 };
	caller_seen = (struct caller_seen){ 0 };
	pool_init(&pool, true);
	ASSERT(gpamap_init(&child.map, &svm_nested_format, &pool) ==
	    HV_SUCCESS);
	child_map(CALLER_INPUT, GPAMAP_READ);
	child_map(CALLER_OUTPUT, GPAMAP_READ | GPAMAP_WRITE);
	child_map(CALLER_ABSENT, 0);
	child_map(CALLER_READ_ONLY, GPAMAP_READ);
	memset(spa_to_ptr(spa(CALLER_INPUT)), 0, PAGE_SIZE);
	memset(spa_to_ptr(spa(CALLER_OUTPUT)), 0, PAGE_SIZE);
	caller_be_parent();
}

void
caller_be_parent(void)
{
	caller_vp.part = &root_partition;
}

void
caller_be_child(void)
{
	caller_vp.part = &child;
}

void
intercept_memory(struct vp *vp, gpa_t addr, bool known,
    enum hv_intercept_access access)
{
	ASSERT(vp == &caller_vp);
	caller_missing = (struct guest_fault){
		.gpa = addr,
		.kind = known ? GUEST_NO_ACCESS : GUEST_UNMAPPED,
		.write = access == HV_INTERCEPT_ACCESS_WRITE,
	};
}

enum hypercall_outcome
caller_call(uint64_t rcx, uint64_t rdx, uint64_t r8)
{
	caller_vp.regs.gpr[GPR_RCX] = rcx;
	caller_vp.regs.gpr[GPR_RDX] = rdx;
	caller_vp.regs.gpr[GPR_R8] = r8;
	caller_vp.regs.rip = 0;
	caller_missing = (struct guest_fault){ .kind = GUEST_OK };
	hypercall_handle(&caller_vp);
	if (caller_missing.kind != GUEST_OK)
		return HYPERCALL_RETRY;
	if (caller_vp.regs.rip == HYPERCALL_INSN_LENGTH)
		return HYPERCALL_DONE;
	return caller_vp.regs.gpr[GPR_RCX] != rcx ? HYPERCALL_CONTINUE :
	    HYPERCALL_SWITCH;
}

uint64_t
caller_rax(void)
{
	return caller_vp.regs.gpr[GPR_RAX];
}

void
caller_put(uint64_t addr, const void *bytes, size_t size)
{
	memcpy(spa_to_ptr(spa(addr)), bytes, size);
}

uint64_t
caller_word(uint64_t addr)
{
	uint64_t word;

	memcpy(&word, spa_to_ptr(spa(addr)), sizeof(word));
	return word;
}
