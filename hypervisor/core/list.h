/* SPDX-License-Identifier: Apache-2.0 */
/* A circular doubly linked list whose links are members of its elements. */
#ifndef HV_CORE_LIST_H
#define HV_CORE_LIST_H

#include "core/types.h"

struct list {
	struct list *next;
	struct list *prev;
};

static inline void
list_init(struct list *head)
{
	head->next = head;
	head->prev = head;
}

static inline bool
list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void
list_append(struct list *head, struct list *item)
{
	item->next = head;
	item->prev = head->prev;
	head->prev->next = item;
	head->prev = item;
}

/* @item is then a list of its own, so removing it again does no harm. */
static inline void
list_remove(struct list *item)
{
	item->next->prev = item->prev;
	item->prev->next = item->next;
	list_init(item);
}

/* Takes the first element off; NULL if there is none. */
static inline struct list *
list_pop(struct list *head)
{
	struct list *item = head->next;

	if (item == head)
		return NULL;
	list_remove(item);
	return item;
}

#define list_for_each(item, head) \
	for ((item) = (head)->next; (item) != (head); (item) = (item)->next)

#endif /* HV_CORE_LIST_H */
