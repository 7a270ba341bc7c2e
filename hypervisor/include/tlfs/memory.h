/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on memory: deposits, GPA mappings, access states, translation. */
#ifndef TLFS_MEMORY_H
#define TLFS_MEMORY_H

#include <tlfs/partition.h>

#define HV_DEPOSIT_MAX_PAGES		511

/* hv_input_map_gpa_pages.map_flags */
#define HV_MAP_GPA_READABLE		UINT32_C(0x00000001)
#define HV_MAP_GPA_WRITABLE		UINT32_C(0x00000002)
#define HV_MAP_GPA_EXECUTABLE		UINT32_C(0x0000000c)
#define HV_MAP_GPA_NO_ACCESS		UINT32_C(0x00010000)
#define HV_MAP_GPA_NOT_CACHED		UINT32_C(0x00200000)
#define HV_MAP_GPA_LARGE_PAGE		UINT32_C(0x80000000)

/* hv_input_unmap_gpa_pages.unmap_flags */
#define HV_UNMAP_GPA_LARGE_PAGE		UINT32_C(0x00000002)

/* hv_input_get_gpa_pages_access_state.flags */
#define HV_GPA_CLEAR_ACCESSED		UINT64_C(0x1)
#define HV_GPA_SET_ACCESSED		UINT64_C(0x2)
#define HV_GPA_CLEAR_DIRTY		UINT64_C(0x4)
#define HV_GPA_SET_DIRTY		UINT64_C(0x8)
#define HV_GPA_ACCESS_FLAGS_MASK	UINT64_C(0xf)

#define HV_GPA_STATE_ACCESSED		0x1u
#define HV_GPA_STATE_DIRTY		0x2u

/* hv_input_translate_virtual_address.control_flags */
#define HV_TRANSLATE_READ		UINT64_C(0x0001)
#define HV_TRANSLATE_WRITE		UINT64_C(0x0002)
#define HV_TRANSLATE_EXECUTE		UINT64_C(0x0004)
#define HV_TRANSLATE_PRIVILEGE_EXEMPT	UINT64_C(0x0008)
#define HV_TRANSLATE_SET_PAGE_BITS	UINT64_C(0x0010)
#define HV_TRANSLATE_SUPERVISOR		UINT64_C(0x0040)
#define HV_TRANSLATE_USER		UINT64_C(0x0080)

enum hv_translate_result {
	HV_TRANSLATE_SUCCESS			= 0,
	HV_TRANSLATE_PAGE_NOT_PRESENT		= 1,
	HV_TRANSLATE_PRIVILEGE_VIOLATION	= 2,
	HV_TRANSLATE_GPA_UNMAPPED		= 4,
	HV_TRANSLATE_GPA_NO_READ_ACCESS		= 5,
};

#endif /* TLFS_MEMORY_H */
