/* SPDX-License-Identifier: Apache-2.0 */
/* A guest's own page tables, read by us: from virtual to guest physical. */
#ifndef HV_X86_WALK_H
#define HV_X86_WALK_H

#include "x86/decode.h"
#include <tlfs/memory.h>

struct vp;

/*
 * Translate @gva as @vp would for HV_TRANSLATE_READ, _WRITE, _EXECUTE in
 * @flags; _SUPERVISOR, _USER and _PRIVILEGE_EXEMPT replace its privilege.
 * Accessed and dirty bits are set only with _SET_PAGE_BITS.
 */
enum hv_translate_result walk_translate(struct vp *vp, uint64_t gva,
    uint64_t flags, gpa_t *to);

/*
 * Up to @size instruction bytes at RIP of @vp, as far as they can be read.
 * Returns how many.
 */
size_t walk_fetch(struct vp *vp, uint8_t *bytes, size_t size);

/*
 * Read and decode the instruction at RIP of @vp, which is loaded here. False
 * if it cannot be read or is none that insn_decode() knows.
 */
bool insn_fetch(struct vp *vp, struct insn *in);

#endif
