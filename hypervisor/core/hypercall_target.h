/* SPDX-License-Identifier: Apache-2.0 */
/* What an input names, looked up before the handler of a call runs. */
#ifndef HV_CORE_HYPERCALL_TARGET_H
#define HV_CORE_HYPERCALL_TARGET_H

#include "core/types.h"
#include <tlfs/status.h>

struct hypercall;
struct partition;
struct vp;
struct vpset;

/* @id is the caller's, which is the parent. HV_INVALID_PARTITION_ID: not. */
enum hv_status target_parent(const struct hypercall *hc, uint64_t id);

/*
 * The partition @id with a reference, which partition_put() gives back.
 * HV_INVALID_PARTITION_ID: the caller may not name it. A child is any but the
 * parent, which is HV_ACCESS_DENIED.
 */
enum hv_status target_partition(const struct hypercall *hc, uint64_t id,
    struct partition **part);
enum hv_status target_child(const struct hypercall *hc, uint64_t id,
    struct partition **part);

/*
 * VP @index of child @id, with a reference on its partition; of a stopped one
 * also the claim; of "any", HV_ANY_VP is VP 0. HV_INVALID_PARTITION_ID,
 * HV_INVALID_VP_INDEX, HV_INVALID_VP_STATE: it is claimed.
 */
enum hv_status target_vp(const struct hypercall *hc, uint64_t id,
    uint32_t index, struct vp **vp);
enum hv_status target_any_vp(const struct hypercall *hc, uint64_t id,
    uint32_t index, struct vp **vp);
enum hv_status target_stopped_vp(const struct hypercall *hc, uint64_t id,
    uint32_t index, struct vp **vp);
void target_vp_put(struct vp *vp);
void target_stopped_vp_put(struct vp *vp);

/*
 * The set of the caller's VPs that an input tells by @format and @valid_mask,
 * and by banks in the variable header from quadword @first on.
 */
enum hv_status target_vps(struct hypercall *hc, size_t first, uint64_t format,
    uint64_t valid_mask, struct vpset *set);

#endif /* HV_CORE_HYPERCALL_TARGET_H */
