/* SPDX-License-Identifier: Apache-2.0 */
/* The page of code through which a guest makes its hypercalls. */
#ifndef HV_X86_HYPERCALL_PAGE_H
#define HV_X86_HYPERCALL_PAGE_H

/* Fill @page; guests copy it, so the code may stand anywhere. */
void hypercall_page_fill(void *page);

#endif
