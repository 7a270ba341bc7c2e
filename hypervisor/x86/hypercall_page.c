/* SPDX-License-Identifier: Apache-2.0 */
/* The page of code through which a guest makes its hypercalls. */
#include "core/string.h"
#include "x86/hypercall_page.h"
#include "x86/vendor.h"

#define INT3	0xcc

void
hypercall_page_fill(void *page)
{
	memset(page, INT3, PAGE_SIZE);
	memcpy(page, vendor->hypercall_code, vendor->hypercall_code_size);
}
