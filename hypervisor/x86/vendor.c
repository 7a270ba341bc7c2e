/* SPDX-License-Identifier: Apache-2.0 */
/* Which vendor's extension this machine has. */
#include "x86/cpu.h"
#include "x86/vendor.h"

const struct vendor *vendor;

const char *
vendor_missing(void)
{
	vendor = &vendor_svm;
	if ((cpuid(1, 0).ecx & (1u << 26)) == 0)
		return "XSAVE in the processor";
	return vendor->missing();
}
