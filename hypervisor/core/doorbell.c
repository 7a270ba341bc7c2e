/* SPDX-License-Identifier: Apache-2.0 */
/* Matching writes against doorbells. */
#include "core/doorbell.h"

#include <tlfs/port.h>

bool
doorbell_flags_valid(uint64_t flags)
{
	return (flags & ~(HV_DOORBELL_SIZE_MASK | HV_DOORBELL_ANY_VALUE)) ==
	    0 && (flags & HV_DOORBELL_SIZE_MASK) <= HV_DOORBELL_SIZE_QWORD;
}

static bool
rings(const struct doorbell *d, const struct doorbell_write *w)
{
	uint64_t size_code = d->flags & HV_DOORBELL_SIZE_MASK;
	uint64_t mask = UINT64_MAX >> (64 - 8 * w->size);

	if (d->connection == 0 || d->gpa != w->gpa)
		return false;
	if (size_code != HV_DOORBELL_SIZE_ANY &&
	    UINT64_C(1) << (size_code - 1) != w->size)
		return false;
	return (d->flags & HV_DOORBELL_ANY_VALUE) != 0 ||
	    ((d->value ^ w->value) & mask) == 0;
}

const struct doorbell *
doorbell_match(const struct doorbell_page *table,
    const struct doorbell_write *write)
{
	for (; table != NULL; table = table->next) {
		for (size_t i = 0; i < DOORBELLS_A_PAGE; i++) {
			if (rings(&table->entry[i], write))
				return &table->entry[i];
		}
	}
	return NULL;
}

struct doorbell *
doorbell_find(struct doorbell_page *table, uint32_t connection)
{
	for (; table != NULL; table = table->next) {
		for (size_t i = 0; i < DOORBELLS_A_PAGE; i++) {
			if (table->entry[i].connection == connection)
				return &table->entry[i];
		}
	}
	return NULL;
}
