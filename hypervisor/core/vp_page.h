/* SPDX-License-Identifier: Apache-2.0 */
/* The register page that a VP shares with its parent. */
#ifndef HV_CORE_VP_PAGE_H
#define HV_CORE_VP_PAGE_H

struct vp;

/* Show the registers of @vp, which is loaded here, to the parent. */
void vp_page_store(struct vp *vp);

/* Take over what the parent has marked as changed; @vp is not loaded. */
void vp_page_load(struct vp *vp);

#endif
