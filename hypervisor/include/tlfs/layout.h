/* SPDX-License-Identifier: Apache-2.0 */
/* How the other headers here assert the sizes and offsets of the ABI. */
#ifndef TLFS_LAYOUT_H
#define TLFS_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Structures here are laid out by natural alignment; the asserts show that it
 * is the TLFS layout. Only those that it does not fit are marked packed. The
 * sizes of what hypercalls take and give are asserted by the table of them.
 */
#define HV_LAYOUT_SIZE(type, size) \
	_Static_assert(sizeof(type) == (size), #type ": size")
#define HV_LAYOUT_AT(type, member, offset) \
	_Static_assert(offsetof(type, member) == (offset), \
	    #type "." #member ": offset")

#define HV_PAGE_SIZE	4096u

#endif /* TLFS_LAYOUT_H */
