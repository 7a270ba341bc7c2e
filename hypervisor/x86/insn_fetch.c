/* SPDX-License-Identifier: Apache-2.0 */
/* The instruction that a VP was executing when it exited. */
#include "x86/insn_fetch.h"

#include "core/vp.h"
#include "x86/cpu.h"
#include "x86/vendor.h"
#include "x86/walk.h"

static enum insn_mode
insn_mode_of(const struct vp *vp)
{
	uint16_t cs = vendor_segment(vp, HV_REGISTER_CS).attributes;

	if ((vendor_register(vp, HV_REGISTER_EFER) & EFER_LMA) != 0 &&
	    (cs & HV_SEGMENT_LONG) != 0)
		return INSN_MODE_64;
	return (cs & HV_SEGMENT_DEFAULT) != 0 ? INSN_MODE_32 : INSN_MODE_16;
}

bool
insn_fetch(struct vp *vp, struct insn *in)
{
	uint8_t bytes[INSN_MAX_LENGTH];
	size_t n = walk_fetch(vp, bytes, sizeof(bytes));

	return insn_decode(bytes, n, insn_mode_of(vp), in);
}
