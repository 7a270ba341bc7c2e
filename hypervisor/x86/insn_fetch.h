/* SPDX-License-Identifier: Apache-2.0 */
/* The instruction that a VP was executing when it exited. */
#ifndef HV_X86_INSN_FETCH_H
#define HV_X86_INSN_FETCH_H

#include "x86/decode.h"

struct vp;

/*
 * Read and decode the instruction at RIP of @vp, which is loaded here. False
 * if it cannot be read or is none that insn_decode() knows.
 */
bool insn_fetch(struct vp *vp, struct insn *in);

#endif /* HV_X86_INSN_FETCH_H */
