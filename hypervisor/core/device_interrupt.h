/* SPDX-License-Identifier: Apache-2.0 */
/* What a device has to send so that an interrupt reaches a processor. */
#ifndef HV_CORE_DEVICE_INTERRUPT_H
#define HV_CORE_DEVICE_INTERRUPT_H

#include "core/types.h"
#include <tlfs/interrupt.h>
#include <tlfs/status.h>

/*
 * The entry for @vector at the processor of @apic_id, in the form that
 * @device_id needs: message for PCI, redirection entry for an IO-APIC.
 * HV_INVALID_PARAMETER: a vector or processor that cannot be told in it.
 */
enum hv_status device_interrupt_encode(uint64_t device_id, uint32_t vector,
    uint32_t apic_id, struct hv_output_map_device_interrupt *out);

#endif /* HV_CORE_DEVICE_INTERRUPT_H */
