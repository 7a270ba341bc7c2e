/* SPDX-License-Identifier: Apache-2.0 */
/* The pages that the parent may lose, and which of them it has given away. */
#ifndef FUZZ_HYPERCALL_POOL_H
#define FUZZ_HYPERCALL_POOL_H

#include <stddef.h>
#include <stdint.h>

#define POOL_PAGES 8192u

/* Addresses of the pool: page number of the first page. */
uint64_t pool_first_pfn(void);

/* Up to @count pages that were not given away, into @list. */
size_t pool_pick(uint64_t *list, size_t count);

/*
 * The hypervisor took these, or gave them back. Ends the test as failed if
 * that cannot be: a page taken twice, or returned though it was not given.
 */
void pool_give(const uint64_t *list, size_t count);
void pool_take_back(const uint64_t *list, size_t count);

/* How many are given away. */
size_t pool_given(void);

#endif
