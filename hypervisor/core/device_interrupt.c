/* SPDX-License-Identifier: Apache-2.0 */
/* Encoding of device interrupts: without remapping, it is a translation. */
#include "core/device_interrupt.h"

#define MSI_ADDRESS		UINT64_C(0xfee00000)
#define MSI_DESTINATION_SHIFT	12
#define MSI_DATA_SHIFT		32
#define RTE_DESTINATION_SHIFT	56
#define FIRST_VECTOR		16u
#define LAST_VECTOR		255u
#define LAST_APIC_ID		255u

enum hv_status
device_interrupt_encode(uint64_t device_id, uint32_t vector,
    uint32_t apic_id, struct hv_output_map_device_interrupt *out)
{
	uint64_t id = apic_id;

	if (vector < FIRST_VECTOR || vector > LAST_VECTOR ||
	    apic_id > LAST_APIC_ID)
		return HV_INVALID_PARAMETER;
	*out = (struct hv_output_map_device_interrupt){ 0 };
	if (device_id >> HV_DEVICE_TYPE_SHIFT == HV_DEVICE_TYPE_IOAPIC) {
		out->source = HV_INTERRUPT_SOURCE_IOAPIC;
		out->value = vector | id << RTE_DESTINATION_SHIFT;
	} else {
		out->source = HV_INTERRUPT_SOURCE_MSI;
		out->value = (uint64_t)vector << MSI_DATA_SHIFT |
		    MSI_ADDRESS | id << MSI_DESTINATION_SHIFT;
	}
	return HV_SUCCESS;
}
