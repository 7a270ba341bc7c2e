/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of page tables as processors read them: ours, guests', nested. */
#ifndef HV_X86_PTE_H
#define HV_X86_PTE_H

#include "core/bits.h"

#define PTE_PRESENT	BIT(0)
#define PTE_WRITE	BIT(1)
#define PTE_USER	BIT(2)
#define PTE_UNCACHED	(BIT(3) | BIT(4))
#define PTE_ACCESSED	BIT(5)
#define PTE_DIRTY	BIT(6)
#define PTE_LARGE	BIT(7)
#define PTE_GLOBAL	BIT(8)
#define PTE_SOFTWARE0	BIT(9)
#define PTE_SOFTWARE1	BIT(10)
#define PTE_FRAME	BITS(51, 12)
#define PTE_NO_EXECUTE	BIT(63)

#endif /* HV_X86_PTE_H */
