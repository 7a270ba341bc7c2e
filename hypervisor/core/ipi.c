/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts from one VP of a partition, or from its parent, to others. */
#include "core/ipi.h"
#include "core/partition.h"
#include "core/vp.h"

static void
ipi_deliver(struct vp *to, const struct vapic_ipi *ipi, bool level)
{
	switch (ipi->delivery) {
	case VAPIC_DELIVER_FIXED:
	case VAPIC_DELIVER_LOWEST:
		vp_interrupt(to, ipi->vector,
		    level ? VAPIC_LEVEL : VAPIC_EDGE);
		break;
	case VAPIC_DELIVER_NMI:
		vp_request(to, VP_REQ_NMI);
		break;
	case VAPIC_DELIVER_INIT:
		vp_request(to, VP_REQ_INIT);
		break;
	case VAPIC_DELIVER_STARTUP:
		WRITE_ONCE(to->sipi_vector, ipi->vector);
		vp_request(to, VP_REQ_SIPI);
		break;
	case VAPIC_DELIVER_EXTINT:
		/* The 8259 that it stands for takes the EOI. */
		vp_interrupt(to, ipi->vector, VAPIC_EXTERNAL);
		break;
	default:
		/* SMI: there is no system management mode to go to. */
		break;
	}
}

static bool
ipi_means(const struct vapic_ipi *ipi, const struct vp *from,
    const struct vp *to)
{
	switch (ipi->shorthand) {
	case VAPIC_TO_SELF:
		return to == from;
	case VAPIC_TO_ALL:
		return true;
	case VAPIC_TO_OTHERS:
		return to != from;
	default:
		return vapic_matches(&to->apic, ipi->destination,
		    ipi->logical, ipi->x2apic);
	}
}

/* The VP whose index is the APIC id that is meant, as it mostly is. */
static struct vp *
ipi_guess(struct partition *part, struct vp *from,
    const struct vapic_ipi *ipi)
{
	struct vp *to;

	if (ipi->shorthand == VAPIC_TO_SELF)
		return from;
	if (ipi->shorthand != VAPIC_TO_DESTINATION || ipi->logical)
		return NULL;
	to = partition_vp(part, ipi->destination);
	return to != NULL && to->apic.id == ipi->destination ? to : NULL;
}

bool
ipi_send(struct partition *part, struct vp *from,
    const struct vapic_ipi *ipi, bool level)
{
	struct vp *to = ipi_guess(part, from, ipi);
	uint32_t count = READ_ONCE(part->vp_count);
	bool found = false;

	if (to != NULL) {
		ipi_deliver(to, ipi, level);
		return true;
	}
	for (uint32_t i = 0; i < count; i++) {
		to = partition_vp(part, i);
		if (to == NULL || !ipi_means(ipi, from, to))
			continue;
		ipi_deliver(to, ipi, level);
		found = true;
		/* Any of those that match may have the lowest priority. */
		if (ipi->delivery == VAPIC_DELIVER_LOWEST)
			break;
	}
	return found;
}
