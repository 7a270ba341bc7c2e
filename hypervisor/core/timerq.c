/* SPDX-License-Identifier: Apache-2.0 */
/* Deadlines in order. */
#include "core/timerq.h"

#include "core/assert.h"

/* Two heaps become one: the later root is the other's first child. */
static struct timerq_node *
heap_merge(struct timerq_node *a, struct timerq_node *b)
{
	if (b->deadline < a->deadline) {
		struct timerq_node *swap = a;

		a = b;
		b = swap;
	}
	b->prev = a;
	b->next = a->child;
	if (b->next != NULL)
		b->next->prev = b;
	a->child = b;
	return a;
}

static struct timerq_node *
heap_pop(struct timerq_node **list)
{
	struct timerq_node *heap = *list;

	*list = heap->next;
	heap->next = NULL;
	heap->prev = NULL;
	return heap;
}

/* The siblings from @list on become one heap: in pairs, then from the last. */
static struct timerq_node *
heap_combine(struct timerq_node *list)
{
	struct timerq_node *pairs = NULL;
	struct timerq_node *all;

	while (list != NULL) {
		struct timerq_node *heap = heap_pop(&list);

		if (list != NULL)
			heap = heap_merge(heap, heap_pop(&list));
		heap->next = pairs;
		pairs = heap;
	}
	if (pairs == NULL)
		return NULL;
	all = heap_pop(&pairs);
	while (pairs != NULL)
		all = heap_merge(all, heap_pop(&pairs));
	return all;
}

void
timerq_insert(struct timerq *q, struct timerq_node *node, uint64_t deadline)
{
	ASSERT(!node->queued);
	*node = (struct timerq_node){ .deadline = deadline, .queued = true };
	q->first = q->first == NULL ? node : heap_merge(q->first, node);
}

void
timerq_remove(struct timerq *q, struct timerq_node *node)
{
	struct timerq_node *rest;

	if (!node->queued)
		return;
	node->queued = false;
	rest = heap_combine(node->child);
	node->child = NULL;
	if (node == q->first) {
		ASSERT(node->next == NULL);
		q->first = rest;
		return;
	}
	if (node->prev->child == node)
		node->prev->child = node->next;
	else
		node->prev->next = node->next;
	if (node->next != NULL)
		node->next->prev = node->prev;
	if (rest != NULL)
		q->first = heap_merge(q->first, rest);
}
