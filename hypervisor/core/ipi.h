/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts from one VP of a partition, or from its parent, to others. */
#ifndef HV_CORE_IPI_H
#define HV_CORE_IPI_H

#include "core/types.h"

struct partition;
struct vapic_ipi;
struct vp;

/*
 * Deliver @ipi inside @part; @from is its sender, for the shorthands, or NULL
 * for the parent's. Level-triggered if @level. True if a VP was found.
 */
bool ipi_send(struct partition *part, struct vp *from,
    const struct vapic_ipi *ipi, bool level);

#endif
