/* SPDX-License-Identifier: Apache-2.0 */
/* Nested tables of SVM: those of long mode, for an access by user code. */
#include "core/nested_format.h"

#include "x86/cpu.h"
#include "x86/pte.h"
#include "x86/svm/svm.h"

static bool
svm_has_1g(void)
{
	return (cpuid(0x80000001, 0).edx & BIT(26)) != 0;
}

const struct nested_format svm_nested_format = {
	.present = PTE_PRESENT,
	.readable = PTE_PRESENT | PTE_USER,
	.writable = PTE_WRITE,
	.no_execute = PTE_NO_EXECUTE,
	.accessed = PTE_ACCESSED,
	.dirty = PTE_DIRTY,
	.large = PTE_LARGE,
	.table = PTE_PRESENT | PTE_WRITE | PTE_USER,
	.uncached = PTE_UNCACHED,
	.no_access = PTE_SOFTWARE0,
	.overlay = PTE_SOFTWARE1,
	.has_1g = svm_has_1g,
};
