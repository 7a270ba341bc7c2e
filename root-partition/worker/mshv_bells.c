/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals between a child and its providers that pass by the worker: the
 * driver's ioeventfds and irqfds, made to mean connections and event flags.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <tlfs/hypercall.h>
#include <tlfs/interrupt.h>
#include <tlfs/partition.h>
#include <tlfs/port.h>

#include "manager/cleanup.h"
#include "worker/mshv_call.h"

/* The fields of an MSI that the driver makes an interrupt of. */
#define MSI_ADDRESS_LOGICAL 0x4u
#define MSI_ADDRESS_DEST_SHIFT 12
#define MSI_DATA_TYPE_SHIFT 8
#define MSI_DATA_LEVEL_SHIFT 15

/* 0: the hypervisor does not know it. */
static uint64_t
property(const struct partition *p, uint32_t code)
{
	struct err ignored;
	uint64_t value;

	if (mshv_property(p, code, &value, "property", &ignored) < 0)
		return 0;
	return value;
}

void
mshv_find_bells(struct partition *p)
{
	p->signal_window = property(p, HV_PROPERTY_SIGNAL_WINDOW);
	p->event_interrupts = property(p, HV_PROPERTY_EVENT_INTERRUPTS) != 0;
}

int
mshv_doorbell(const struct partition *p, uint32_t connection, int fd, bool on,
    struct err *e)
{
	struct mshv_doorbell_request r = {
		.address = p->signal_window +
		    HV_SIGNAL_WINDOW_STRIDE * connection,
		.fd = fd,
		.flags = on ? 0 : MSHV_DOORBELL_REMOVE,
	};

	if (p->signal_window == 0)
		return err_set(e, ENOTSUP, "no doorbells for connections");
	if (ioctl(p->fd, MSHV_IOEVENTFD, &r) < 0)
		return err_set(e, errno, "doorbell of connection %#x: %s",
		    connection, strerror(errno));
	return 0;
}

static struct mshv_route
route_of(uint32_t flag, uint32_t vp)
{
	return (struct mshv_route){
		.line = flag,
		.address_low = MSI_ADDRESS_LOGICAL |
		    HV_EVENT_INTERRUPT_DEST(flag, vp) <<
			MSI_ADDRESS_DEST_SHIFT,
		.data = HV_EVENT_INTERRUPT_VECTOR(flag) |
		    (uint32_t)HV_INTERRUPT_REMOTE_READ <<
			MSI_DATA_TYPE_SHIFT |
		    HV_EVENT_INTERRUPT_LEVEL(vp) << MSI_DATA_LEVEL_SHIFT,
	};
}

/* The driver takes all routes at once: its lines are our event flags. */
static int
routes_set(const struct partition *p, struct err *e)
{
	AUTO_FREE struct mshv_routes *all = calloc(1, sizeof(*all) +
	    HV_EVENT_FLAGS_COUNT * sizeof(all->routes[0]));

	if (all == NULL)
		return err_set(e, ENOMEM, "routes of events: out of memory");
	for (uint32_t flag = 0; flag < HV_EVENT_FLAGS_COUNT; flag++)
		if (p->event_vps[flag] != 0)
			all->routes[all->count++] = route_of(flag,
			    p->event_vps[flag] - 1u);
	if (ioctl(p->fd, MSHV_SET_MSI_ROUTING, all) < 0)
		return err_set(e, errno, "routes of events: %s",
		    strerror(errno));
	return 0;
}

int
mshv_event_connect(struct partition *p, uint16_t flag, uint32_t vp, int fd,
    struct err *e)
{
	struct mshv_line_request r = { .fd = fd, .line = flag };
	uint8_t before = p->event_vps[flag];

	if (!p->event_interrupts || vp >= HV_EVENT_INTERRUPT_VPS)
		return err_set(e, ENOTSUP, "no interrupts for events");
	p->event_vps[flag] = (uint8_t)(vp + 1);
	if (routes_set(p, e) < 0) {
		p->event_vps[flag] = before;
		return -1;
	}
	if (before != 0 || ioctl(p->fd, MSHV_IRQFD, &r) == 0)
		return 0;
	err_set(e, errno, "event flag %u: %s", flag, strerror(errno));
	p->event_vps[flag] = 0;
	return -1;
}

void
mshv_event_disconnect(struct partition *p, uint16_t flag, int fd)
{
	struct mshv_line_request r = {
		.fd = fd,
		.line = flag,
		.flags = MSHV_LINE_REMOVE,
	};

	if (p->event_vps[flag] == 0)
		return;
	ioctl(p->fd, MSHV_IRQFD, &r);
	/* Its route means nothing any more; the next change drops it. */
	p->event_vps[flag] = 0;
}
