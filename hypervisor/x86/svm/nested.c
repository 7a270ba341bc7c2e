/* SPDX-License-Identifier: Apache-2.0 */
/* Nested tables of SVM: those of long mode, for an access by user code. */
#include "core/nested_format.h"

#include "core/bits.h"
#include "x86/cpu.h"
#include "x86/svm/svm.h"

#define PTE_PRESENT	BIT(0)
#define PTE_WRITABLE	BIT(1)
#define PTE_USER	BIT(2)
#define PTE_PWT		BIT(3)
#define PTE_PCD		BIT(4)
#define PTE_ACCESSED	BIT(5)
#define PTE_DIRTY	BIT(6)
#define PTE_LARGE	BIT(7)
#define PTE_SOFTWARE0	BIT(9)
#define PTE_SOFTWARE1	BIT(10)
#define PTE_NO_EXECUTE	BIT(63)

static bool
svm_has_1g(void)
{
	return (cpuid(0x80000001, 0).edx & BIT(26)) != 0;
}

const struct nested_format svm_nested_format = {
	.present = PTE_PRESENT,
	.readable = PTE_PRESENT | PTE_USER,
	.writable = PTE_WRITABLE,
	.no_execute = PTE_NO_EXECUTE,
	.accessed = PTE_ACCESSED,
	.dirty = PTE_DIRTY,
	.large = PTE_LARGE,
	.table = PTE_PRESENT | PTE_WRITABLE | PTE_USER,
	.uncached = PTE_PWT | PTE_PCD,
	.no_access = PTE_SOFTWARE0,
	.overlay = PTE_SOFTWARE1,
	.has_1g = svm_has_1g,
};
