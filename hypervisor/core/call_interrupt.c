/* SPDX-License-Identifier: Apache-2.0 */
/* Calls by which a parent interrupts, tells and watches its children. */
#include <mullion/hypercall_handlers.h>

#include "core/hypercall.h"
#include "core/ipi.h"
#include "core/partition.h"
#include "core/string.h"
#include "core/synic_access.h"
#include "core/vp.h"
#include "x86/vendor.h"
#include <tlfs/intercept.h>
#include <tlfs/interrupt.h>

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
call_assert_virtual_interrupt(struct hypercall *hc)
{
	const struct hv_input_assert_virtual_interrupt *in =
	    HYPERCALL_INPUT(hc, struct hv_input_assert_virtual_interrupt);
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
	struct partition *part;
	bool found;

	if (type > HV_INTERRUPT_LOCALINT1 || type == HV_INTERRUPT_REMOTE_READ ||
	    in->dest_addr > UINT32_MAX || in->vector > UINT8_MAX ||
	    (needs_vector && in->vector < VAPIC_FIRST_VECTOR))
		return HV_INVALID_PARAMETER;
	part = hypercall_partition(hc, in->partition_id);
	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	if (part->is_root)
		found = false;
	else if (type >= HV_INTERRUPT_LOCALINT0)
		found = lint_assert(part, &ipi, type - HV_INTERRUPT_LOCALINT0);
	else
		found = ipi_send(part, NULL, &ipi,
		    (in->control & HV_INTERRUPT_CONTROL_LEVEL) != 0);
	partition_put(part);
	return found ? HV_SUCCESS : HV_INVALID_PARAMETER;
}

enum hv_status
call_clear_virtual_interrupt(struct hypercall *hc)
{
	struct partition *part = hypercall_partition(hc, HYPERCALL_INPUT(hc,
	    struct hv_input_clear_virtual_interrupt)->partition_id);

	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	for (uint32_t i = 0; i < part->vp_count; i++) {
		struct vp *vp = partition_vp(part, i);

		/* The one that was asserted as if by an 8259. */
		if (vp != NULL && vapic_retract_auto_eoi(&vp->apic))
			vp_request(vp, VP_REQ_IRQ);
	}
	partition_put(part);
	return HV_SUCCESS;
}

/* VP @index of child @id, with a reference on its partition. */
static enum hv_status
child_vp(const struct hypercall *hc, uint64_t id, uint32_t index,
    struct vp **vp)
{
	struct partition *part = hypercall_partition(hc, id);

	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	*vp = part->is_root ? NULL : partition_vp(part, index);
	if (*vp != NULL)
		return HV_SUCCESS;
	partition_put(part);
	return HV_INVALID_VP_INDEX;
}

enum hv_status
call_signal_event_direct(struct hypercall *hc)
{
	const struct hv_input_signal_event_direct *in =
	    HYPERCALL_INPUT(hc, struct hv_input_signal_event_direct);
	struct hv_output_signal_event_direct out = { 0 };
	enum synic_delivery d;
	struct vp *vp;
	enum hv_status st;
	bool newly;

	if (in->target_sint >= HV_SINT_COUNT ||
	    in->flag_number >= HV_EVENT_FLAGS_COUNT)
		return HV_INVALID_PARAMETER;
	st = child_vp(hc, in->target_partition, in->target_vp, &vp);
	if (st != HV_SUCCESS)
		return st;
	d = synic_signal(vp, in->target_sint, in->flag_number, &newly);
	partition_put(vp->part);
	if (d == SYNIC_CLOSED)
		return HV_INVALID_PARAMETER;
	out.newly_signaled = newly;
	return hypercall_output(hc, &out, sizeof(out));
}

enum hv_status
call_post_message_direct(struct hypercall *hc)
{
	const struct hv_input_post_message_direct *in =
	    HYPERCALL_INPUT(hc, struct hv_input_post_message_direct);
	struct hv_message msg;
	enum synic_delivery d;
	struct vp *vp;
	enum hv_status st;

	memcpy(&msg, in->message, sizeof(msg));
	if (in->sint_index >= HV_SINT_COUNT ||
	    msg.header.message_type == HVMSG_NONE ||
	    msg.header.payload_size > HV_MESSAGE_PAYLOAD_SIZE)
		return HV_INVALID_PARAMETER;
	st = child_vp(hc, in->partition_id, in->vp_index, &vp);
	if (st != HV_SUCCESS)
		return st;
	d = synic_post(vp, in->sint_index, &msg);
	partition_put(vp->part);
	switch (d) {
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
	struct cpuid_override *to;

	spin_lock(&part->lock);
	if (part->state > PARTITION_ACTIVE) {
		spin_unlock(&part->lock);
		return HV_INVALID_PARTITION_STATE;
	}
	to = override_new(part);
	if (to != NULL) {
		*to = *entry;
		/* Readers look at the count first. */
		atomic_store(&part->cpuids->count, part->cpuids->count + 1);
	}
	spin_unlock(&part->lock);
	if (to != NULL)
		return HV_SUCCESS;
	return part->cpuids == NULL ? HV_INSUFFICIENT_MEMORY :
	    HV_INVALID_PARAMETER;
}

static enum hv_status
intercept_record(struct partition *part,
    const struct hv_input_install_intercept *in)
{
	uint32_t bit = 1u << in->intercept_type;

	spin_lock(&part->lock);
	if (part->state > PARTITION_ACTIVE) {
		spin_unlock(&part->lock);
		return HV_INVALID_PARTITION_STATE;
	}
	part->intercept_access[in->intercept_type] = in->access_type;
	if (in->access_type != 0)
		part->intercepts |= bit;
	else
		part->intercepts &= ~bit;
	if (in->intercept_type == HV_INTERCEPT_TYPE_EXCEPTION) {
		uint32_t vector = 1u << (in->intercept_parameter & 31);

		if (in->access_type != 0)
			part->exception_intercepts |= vector;
		else
			part->exception_intercepts &= ~vector;
		for (uint32_t i = 0; i < part->vp_count; i++) {
			if (part->vps[i] != NULL)
				vendor->intercepts_update(part->vps[i]);
		}
	}
	spin_unlock(&part->lock);
	return HV_SUCCESS;
}

enum hv_status
call_install_intercept(struct hypercall *hc)
{
	const struct hv_input_install_intercept *in =
	    HYPERCALL_INPUT(hc, struct hv_input_install_intercept);
	struct partition *part;
	enum hv_status st = HV_SUCCESS;

	if (in->access_type > 7 ||
	    in->intercept_type > HV_INTERCEPT_TYPE_RETARGET_UNKNOWN ||
	    in->intercept_type == 4 ||
	    (in->intercept_type == HV_INTERCEPT_TYPE_EXCEPTION &&
	    in->intercept_parameter > 31))
		return HV_INVALID_PARAMETER;
	part = hypercall_partition(hc, in->partition_id);
	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	if (part->is_root) {
		st = HV_ACCESS_DENIED;
	} else if (in->intercept_type == HV_INTERCEPT_TYPE_CPUID) {
		struct cpuid_override entry = {
			.leaf = (uint32_t)in->intercept_parameter,
			.any_subleaf = true,
			.intercept = in->access_type != 0,
		};

		st = override_add(part, &entry);
	} else {
		st = intercept_record(part, in);
	}
	partition_put(part);
	return st;
}

static void
override_from(const struct hv_cpuid_result_parameters *p,
    struct cpuid_override *entry)
{
	const struct hv_cpuid_result_register *r[4] = {
		&p->eax, &p->ebx, &p->ecx, &p->edx,
	};

	*entry = (struct cpuid_override){
		.leaf = p->input_eax,
		.subleaf = p->input_ecx,
		.any_subleaf = p->subleaf_specific == 0,
	};
	for (size_t i = 0; i < ARRAY_SIZE(r); i++) {
		entry->value[i] = r[i]->value;
		entry->mask[i] = r[i]->mask;
	}
}

enum hv_status
call_register_intercept_result(struct hypercall *hc)
{
	const struct hv_input_register_intercept_result *in =
	    HYPERCALL_INPUT(hc, struct hv_input_register_intercept_result);
	struct cpuid_override entry;
	struct partition *part;
	enum hv_status st;

	if (in->intercept_type != HV_INTERCEPT_TYPE_CPUID)
		return HV_INVALID_PARAMETER;
	part = hypercall_partition(hc, in->partition_id);
	if (part == NULL)
		return HV_INVALID_PARTITION_ID;
	override_from(&in->cpuid, &entry);
	st = part->is_root ? HV_ACCESS_DENIED : override_add(part, &entry);
	partition_put(part);
	return st;
}
