/* SPDX-License-Identifier: Apache-2.0 */
/* Calls on the machine: processors, properties, power. */
#include <mullion/hypercall_handlers.h>

#include "core/clock.h"
#include "core/partition.h"
#include "x86/acpi.h"
#include "x86/cpu.h"
#include "x86/smp.h"
#include <tlfs/system.h>

/* What the parent read from its ACPI tables for sleep state 5. */
static struct {
	bool told;
	uint8_t type_a;
	uint8_t type_b;
} power_off;

enum hv_status
call_get_logical_processor_run_time(
    const struct hv_input_get_logical_processor_run_time *in,
    struct hv_output_get_logical_processor_run_time *out)
{
	const struct lp *lp = lp_get(in->lp_index);

	/* Linux asks this to find out whether the processor was added. */
	if (lp == NULL)
		return HV_INVALID_LP_INDEX;
	out->global_time = clock_now(&root_partition);
	out->local_run_time = clock_span(rdtsc() - lp->started - lp->idle_tsc);
	return HV_SUCCESS;
}

enum hv_status
call_add_logical_processor(const struct hv_input_add_logical_processor *in,
    struct hv_output_add_logical_processor *out)
{
	enum hv_status status;

	(void)out;
	if (in->lp_index >= LP_MAX || lp_get(in->lp_index) != NULL)
		return HV_INVALID_LP_INDEX;
	if (!acpi_processor_exists(in->apic_id) ||
	    lp_by_apic_id(in->apic_id) != NULL)
		return HV_INVALID_PARAMETER;
	status = smp_start(in->lp_index, in->apic_id);
	/* Deposits do not help: what a processor needs is private memory. */
	return status == HV_INSUFFICIENT_MEMORY ? HV_NO_RESOURCES : status;
}

enum hv_status
call_get_system_property(const struct hv_input_get_system_property *in,
    uint64_t *out)
{
	if (in->property_id != HV_SYSTEM_PROPERTY_SCHEDULER_TYPE)
		return HV_INVALID_PARAMETER;
	*out = HV_SCHEDULER_TYPE_ROOT;
	return HV_SUCCESS;
}

enum hv_status
call_set_system_property(const struct hv_input_set_system_property *in)
{
	power_off.type_a = in->pm1a_slp_typ;
	power_off.type_b = in->pm1b_slp_typ;
	power_off.told = true;
	return HV_SUCCESS;
}

enum hv_status
call_enter_sleep_state(const struct hv_input_enter_sleep_state *in)
{
	if (in->sleep_state != HV_SLEEP_STATE_S5 || !power_off.told)
		return HV_INVALID_PARAMETER;
	return acpi_power_off(power_off.type_a, power_off.type_b);
}
