/* SPDX-License-Identifier: Apache-2.0 */
/* Calls by which a parent interrupts, tells and watches its children. */
#include <mullion/hypercall_handlers.h>

#include "core/ipi.h"
#include "core/partition.h"
#include "core/string.h"
#include "core/synic_access.h"
#include "core/vp.h"
#include "x86/vendor.h"
#include <tlfs/intercept.h>
#include <tlfs/interrupt.h>

/* An eventfd of the parent's rings for VMBus: lost if the child is deaf. */
static enum hv_status
event_assert(const struct hv_input_assert_virtual_interrupt *in,
    struct partition *part)
{
	bool level = (in->control & HV_INTERRUPT_CONTROL_LEVEL) != 0;
	uint32_t dest = (uint32_t)in->dest_addr;
	struct vp *vp;
	bool newly;

	if (in->vector > UINT8_MAX || in->dest_addr > UINT8_MAX)
		return HV_INVALID_PARAMETER;
	vp = partition_vp(part, HV_EVENT_INTERRUPT_VP(dest, (uint32_t)level));
	if (vp == NULL)
		return HV_INVALID_VP_INDEX;
	synic_signal(vp, HV_SINT_VMBUS,
	    HV_EVENT_INTERRUPT_FLAG(in->vector, dest), &newly);
	return HV_SUCCESS;
}

/* Pins LINT0 and LINT1 of every processor that @ipi means. */
static bool
lint_assert(struct partition *part, struct vapic_ipi *ipi, unsigned int pin)
{
	bool found = false;

	for (uint32_t i = 0; i < part->vp_count; i++) {
		struct vp *vp = partition_vp(part, i);
		enum vapic_delivery delivery;
		struct vapic_ipi one = *ipi;

		if (vp == NULL || !vapic_matches(&vp->apic, ipi->destination,
		    ipi->logical, ipi->x2apic))
			continue;
		found = true;
		if (!vapic_lint(&vp->apic, pin, &delivery, &one.vector))
			continue;
		if (delivery == VAPIC_DELIVER_EXTINT)
			one.vector = ipi->vector;
		one.delivery = (uint8_t)delivery;
		one.shorthand = VAPIC_TO_SELF;
		ipi_send(part, vp, &one, false);
	}
	return found;
}

enum hv_status
call_assert_virtual_interrupt(
    const struct hv_input_assert_virtual_interrupt *in,
    struct partition *part)
{
	uint32_t type = (uint32_t)(in->control & HV_INTERRUPT_CONTROL_TYPE_MASK);
	bool logical = (in->control & HV_INTERRUPT_CONTROL_LOGICAL) != 0;
	bool needs_vector = type == HV_INTERRUPT_FIXED ||
	    type == HV_INTERRUPT_LOWEST_PRIORITY;
	struct vapic_ipi ipi = {
		.destination = (uint32_t)in->dest_addr,
		.vector = (uint8_t)in->vector,
		.delivery = (uint8_t)type,
		.shorthand = VAPIC_TO_DESTINATION,
		.logical = logical,
		.x2apic = !logical,
	};
	bool found;

	if (type == HV_INTERRUPT_REMOTE_READ && logical)
		return event_assert(in, part);
	if (type > HV_INTERRUPT_LOCALINT1 || type == HV_INTERRUPT_REMOTE_READ ||
	    in->dest_addr > UINT32_MAX || in->vector > UINT8_MAX ||
	    (needs_vector && in->vector < VAPIC_FIRST_VECTOR))
		return HV_INVALID_PARAMETER;
	if (type >= HV_INTERRUPT_LOCALINT0)
		found = lint_assert(part, &ipi, type - HV_INTERRUPT_LOCALINT0);
	else
		found = ipi_send(part, NULL, &ipi,
		    (in->control & HV_INTERRUPT_CONTROL_LEVEL) != 0);
	return found ? HV_SUCCESS : HV_INVALID_PARAMETER;
}

enum hv_status
call_clear_virtual_interrupt(struct partition *part)
{
	for (uint32_t i = 0; i < part->vp_count; i++) {
		struct vp *vp = partition_vp(part, i);

		/* The one that was asserted as if by an 8259. */
		if (vp != NULL && vapic_retract_external(&vp->apic))
			vp_request(vp, VP_REQ_IRQ);
	}
	return HV_SUCCESS;
}

enum hv_status
call_signal_event_direct(const struct hv_input_signal_event_direct *in,
    struct vp *vp, struct hv_output_signal_event_direct *out)
{
	bool newly;

	if (in->flag_number >= HV_EVENT_FLAGS_COUNT ||
	    synic_signal(vp, in->target_sint, in->flag_number, &newly) ==
	    SYNIC_CLOSED)
		return HV_INVALID_PARAMETER;
	out->newly_signaled = newly;
	return HV_SUCCESS;
}

enum hv_status
call_post_message_direct(const struct hv_input_post_message_direct *in,
    struct vp *vp)
{
	struct hv_message msg;

	memcpy(&msg, in->message, sizeof(msg));
	if (msg.header.message_type == HVMSG_NONE ||
	    msg.header.payload_size > HV_MESSAGE_PAYLOAD_SIZE)
		return HV_INVALID_PARAMETER;
	switch (synic_post(vp, in->sint_index, &msg)) {
	case SYNIC_DELIVERED:
		return HV_SUCCESS;
	case SYNIC_BUSY:
		return HV_INSUFFICIENT_BUFFERS;
	default:
		return HV_INVALID_PARAMETER;
	}
}

/* Room for one more entry about CPUID; the caller holds the lock. */
static struct cpuid_override *
override_new(struct partition *part)
{
	struct cpuid_overrides *all = part->cpuids;

	if (all == NULL) {
		all = pool_alloc(&part->pool);
		if (all == NULL)
			return NULL;
		atomic_store(&part->cpuids, all);
	}
	if (all->count == ARRAY_SIZE(all->entry))
		return NULL;
	return &all->entry[all->count];
}

static enum hv_status
override_add(struct partition *part, const struct cpuid_override *entry)
{
	enum hv_status st = HV_SUCCESS;
	struct cpuid_override *to;

	spin_lock(&part->lock);
	to = override_new(part);
	if (part->state > PARTITION_ACTIVE) {
		st = HV_INVALID_PARTITION_STATE;
	} else if (to != NULL) {
		*to = *entry;
		/* Readers look at the count first. */
		atomic_store(&part->cpuids->count, part->cpuids->count + 1);
	} else {
		st = part->cpuids == NULL ? HV_INSUFFICIENT_MEMORY :
		    HV_INVALID_PARAMETER;
	}
	spin_unlock(&part->lock);
	return st;
}

/* @bit of @set, as @on says. */
static void
bit_put(uint32_t *set, uint64_t bit, bool on)
{
	*set = on ? *set | 1u << bit : *set & ~(1u << bit);
}

static enum hv_status
intercept_record(struct partition *part,
    const struct hv_input_install_intercept *in)
{
	bool on = in->access_type != 0;

	spin_lock(&part->lock);
	if (part->state > PARTITION_ACTIVE) {
		spin_unlock(&part->lock);
		return HV_INVALID_PARTITION_STATE;
	}
	part->intercept_access[in->intercept_type] = in->access_type;
	bit_put(&part->intercepts, in->intercept_type, on);
	if (in->intercept_type == HV_INTERCEPT_TYPE_EXCEPTION) {
		bit_put(&part->exception_intercepts, in->intercept_parameter,
		    on);
		for (uint32_t i = 0; i < part->vp_count; i++) {
			if (part->vps[i] != NULL)
				vendor->intercepts_update(part->vps[i]);
		}
	}
	spin_unlock(&part->lock);
	return HV_SUCCESS;
}

enum hv_status
call_install_intercept(const struct hv_input_install_intercept *in,
    struct partition *part)
{
	const struct cpuid_override entry = {
		.leaf = (uint32_t)in->intercept_parameter,
		.any_subleaf = true,
		.intercept = in->access_type != 0,
	};

	if (in->intercept_type == HV_INTERCEPT_TYPE_CPUID)
		return override_add(part, &entry);
	if (in->intercept_type == HV_INTERCEPT_TYPE_EXCEPTION &&
	    in->intercept_parameter > 31)
		return HV_INVALID_PARAMETER;
	return intercept_record(part, in);
}

enum hv_status
call_register_intercept_result(
    const struct hv_input_register_intercept_result *in,
    struct partition *part)
{
	struct cpuid_override entry = {
		.leaf = in->leaf,
		.subleaf = in->subleaf,
		.any_subleaf = in->subleaf_specific == 0,
	};

	if (in->intercept_type != HV_INTERCEPT_TYPE_CPUID)
		return HV_INVALID_PARAMETER;
	for (size_t i = 0; i < ARRAY_SIZE(entry.value); i++) {
		entry.value[i] = in->results[2 * i];
		entry.mask[i] = in->results[2 * i + 1];
	}
	return override_add(part, &entry);
}
