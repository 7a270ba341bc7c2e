/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines in order: a pairing heap whose nodes are in their owners. */
#ifndef HV_CORE_TIMERQ_H
#define HV_CORE_TIMERQ_H

#include "core/types.h"

#define TIMERQ_NEVER	UINT64_MAX

struct timerq_node {
	uint64_t deadline;
	struct timerq_node *child;	/* first child */
	struct timerq_node *next;	/* next sibling */
	struct timerq_node *prev;	/* previous sibling, or parent */
	bool queued;
};

/* All zero: an empty queue. Whoever has the queue locks it. */
struct timerq {
	struct timerq_node *first;
};

/* The deadline that comes first, TIMERQ_NEVER if there is none. */
static inline uint64_t
timerq_deadline(const struct timerq *q)
{
	return q->first != NULL ? q->first->deadline : TIMERQ_NEVER;
}

/* The node that comes first, NULL if there is none. */
static inline struct timerq_node *
timerq_first(const struct timerq *q)
{
	return q->first;
}

/* Queue @node, which is not queued. */
void timerq_insert(struct timerq *q, struct timerq_node *node,
    uint64_t deadline);

/* Take @node off @q, if it is queued; it must not be in another queue. */
void timerq_remove(struct timerq *q, struct timerq_node *node);

#endif /* HV_CORE_TIMERQ_H */
