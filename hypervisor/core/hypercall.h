/* SPDX-License-Identifier: Apache-2.0 */
/* Hypercalls: from the caller's registers to a handler and back. */
#ifndef HV_CORE_HYPERCALL_H
#define HV_CORE_HYPERCALL_H

#include "core/guest.h"
#include <tlfs/hypercall.h>

struct hypercall;
struct vp;

/* How a call ends. */
enum hypercall_outcome {
	HYPERCALL_DONE,		/* RAX is set, the instruction stepped over */
	HYPERCALL_RETRY,	/* memory is missing: the parent is told */
	HYPERCALL_CONTINUE,	/* made again by itself from @reps_done on */
	HYPERCALL_SWITCH,	/* hypercall_complete() comes later */
};

/* Bytes of the longest fixed part of an input block. */
#define HYPERCALL_MAX_INPUT	280u

/* One line of the table that is generated from hypercalls.txt. */
struct hypercall_entry {
	uint16_t input_size;	/* of the fixed part */
	uint16_t output_size;	/* of a call that is not repeated */
	uint16_t rep_in_size;	/* of an element; 0: no list */
	uint16_t rep_out_size;
	uint8_t varhead_overlap;	/* qwords in the fixed part as well */
	bool rep;
	bool parent_only;
	uint64_t control;	/* bits of the control word it allows */
	uint64_t privileges;	/* the partition needs all of them */
	enum hv_status (*handler)(struct hypercall *hc);
};

/* Codes from here on are none of ours. */
#define HYPERCALL_TABLE_SIZE	0x132u

/* By the code of the call; NULL: there is none. */
extern const struct hypercall_entry *const
    hypercall_table[HYPERCALL_TABLE_SIZE];

/*
 * A call while its handler runs. The handler reads @input, a copy that nobody
 * else can change, and the helpers below, and returns the status; a repeated
 * call counts in @reps_done, which starts as @rep_start.
 */
struct hypercall {
	struct vp *vp;
	struct partition *part;		/* the caller's */
	/* Of the memory form only, which is that of all but plain input. */
	const struct hypercall_entry *entry;
	gpa_t input_gpa;
	gpa_t output_gpa;
	uint16_t varhead;		/* qwords of variable header */
	uint16_t rep_start;
	uint16_t rep_count;
	uint16_t reps_done;
	enum hypercall_outcome outcome;
	struct guest_fault fault;	/* HYPERCALL_RETRY: what is missing */
	uint64_t input[HYPERCALL_MAX_INPUT / sizeof(uint64_t)];
};

/* The fixed input, for a variable that has the type of its structure. */
static inline const void *
hypercall_input(const struct hypercall *hc)
{
	return hc->input;
}

/*
 * Serve the hypercall that @vp has made: CPL and mode are checked. A child
 * whose own memory is missing makes it again once its parent has seen to that:
 * nothing was done that may not be done twice.
 */
void hypercall_handle(struct vp *vp);

/* End a call of @vp that is at HYPERCALL_SWITCH. */
void hypercall_complete(struct vp *vp, enum hv_status status);

/*
 * Helpers of handlers. Each returns HV_SUCCESS, or a status that the handler
 * returns at once (the outcome is then set, if it has to be).
 */

/* Element @hc->reps_done of the list, of rep_in_size bytes. */
enum hv_status hypercall_read_rep(struct hypercall *hc, void *element);

/* The same on the output side, of rep_out_size bytes. */
enum hv_status hypercall_write_rep(struct hypercall *hc, const void *element);

/*
 * Qwords [@first, @first + @count) of the variable header; past its end:
 * HV_INVALID_HYPERCALL_INPUT.
 */
enum hv_status hypercall_read_varhead(struct hypercall *hc, size_t first,
    size_t count, uint64_t *to);

/* The output of a call that is not repeated. */
enum hv_status hypercall_output(struct hypercall *hc, const void *output,
    size_t size);

/* Status and number of repetitions, as RAX shows them. */
static inline uint64_t
hypercall_result(enum hv_status status, uint16_t reps_done)
{
	return (uint64_t)status |
	    (uint64_t)reps_done << HV_HYPERCALL_REPS_DONE_SHIFT;
}

#endif /* HV_CORE_HYPERCALL_H */
