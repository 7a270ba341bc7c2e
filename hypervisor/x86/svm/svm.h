/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the SVM backend share. */
#ifndef HV_X86_SVM_SVM_H
#define HV_X86_SVM_SVM_H

#include <tlfs/registers.h>
#include "x86/svm/vmcb.h"

struct lp;
struct vp;

struct svm_features {
	bool next_rip;
	bool flush_by_asid;
	bool decode_assists;
	uint32_t asids;
};
extern struct svm_features svm_features;
extern const struct nested_format svm_nested_format;

/* Permission maps: one for the parent, one for every child. */
void svm_maps_init(void);
void svm_maps_use(struct vp *vp, struct vmcb *vmcb);

void svm_vp_create(struct vp *vp);
void svm_vp_reset(struct vp *vp, bool init);
void svm_intercepts_update(struct vp *vp);

bool svm_register_get(const struct vp *vp, uint32_t name,
    union hv_register_value *value);
bool svm_register_set(struct vp *vp, uint32_t name,
    const union hv_register_value *value);

/* Enter @vp and handle the exit. */
void svm_vp_run(struct lp *lp, struct vp *vp);
size_t svm_insn_bytes(const struct vp *vp, uint8_t *bytes, size_t size);

void svm_enter(uint64_t *gpr, uint64_t vmcb_spa);

#endif
