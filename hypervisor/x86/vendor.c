/* SPDX-License-Identifier: Apache-2.0 */
/* Which vendor's extension this machine has. */
#include "core/string.h"
#include "x86/cpu.h"
#include "x86/vendor.h"

#define INT3	0xcc

const struct vendor *vendor;

const char *
vendor_missing(void)
{
	vendor = &vendor_svm;
	if ((cpuid(1, 0).ecx & (1u << 26)) == 0)
		return "XSAVE in the processor";
	return vendor->missing();
}

void
hypercall_page_fill(void *page)
{
	memset(page, INT3, PAGE_SIZE);
	memcpy(page, vendor->hypercall_code, vendor->hypercall_code_size);
}
