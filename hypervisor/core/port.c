/* SPDX-License-Identifier: Apache-2.0 */
/* Ports of the parent, and the doorbells of children that lead to them. */
#include "core/port.h"

#include <mullion/hypercall_handlers.h>

#include "core/assert.h"
#include "core/doorbell.h"
#include "core/lp.h"
#include "core/partition.h"
#include "core/synic_access.h"
#include "core/vp.h"
#include "x86/walk.h"
#include <tlfs/hypercall.h>
#include <tlfs/port.h>

/* @id 0 means that the place is free. */
struct port {
	uint32_t id;
	uint32_t sint;
	uint32_t vp;		/* HV_ANY_VP: that of the processor it is on */
	uint32_t full;		/* its ring was full: to be rung again */
	uint64_t child;		/* the partition that may connect */
};

#define PORTS_A_PAGE	170u

struct port_page {
	struct port_page *next;
	struct port entry[PORTS_A_PAGE];
};
_Static_assert(sizeof(struct port_page) <= PAGE_SIZE, "one page");

/* All ports, in pages of the parent's pool; under the parent's lock. */
static struct port_page *ports;

static struct port *
port_find(uint32_t id)
{
	for (struct port_page *p = ports; p != NULL; p = p->next) {
		for (size_t i = 0; i < PORTS_A_PAGE; i++) {
			if (p->entry[i].id == id)
				return &p->entry[i];
		}
	}
	return NULL;
}

static struct port *
port_place(void)
{
	struct port *place = port_find(0);
	struct port_page *page;

	if (place != NULL)
		return place;
	page = pool_alloc(&root_partition.pool);
	if (page == NULL)
		return NULL;
	page->next = ports;
	ports = page;
	return &page->entry[0];
}

/* With the parent's lock held. */
static enum hv_status
create_locked(const struct hv_input_create_port *in, uint64_t child)
{
	struct port *place;

	if (port_find(in->port_id) != NULL)
		return HV_INVALID_PORT_ID;
	place = port_place();
	if (place == NULL)
		return HV_INSUFFICIENT_MEMORY;
	*place = (struct port){
		.id = in->port_id,
		.sint = in->target_sint,
		.vp = in->target_vp,
		.child = child,
	};
	return HV_SUCCESS;
}

enum hv_status
call_create_port(const struct hv_input_create_port *in,
    struct partition *child)
{
	enum hv_status status;

	if (in->port_id == 0 || in->port_id > HV_PORT_ID_MASK)
		return HV_INVALID_PORT_ID;
	if (in->port_type != HV_PORT_TYPE_DOORBELL ||
	    in->target_sint >= HV_SINT_COUNT)
		return HV_INVALID_PARAMETER;
	spin_lock(&root_partition.lock);
	status = create_locked(in, child->id);
	spin_unlock(&root_partition.lock);
	return status;
}

enum hv_status
call_delete_port(const struct hv_input_delete_port *in)
{
	struct port *port = NULL;

	spin_lock(&root_partition.lock);
	if (in->port_id != 0)
		port = port_find(in->port_id);
	if (port != NULL)
		port->id = 0;
	spin_unlock(&root_partition.lock);
	return port != NULL ? HV_SUCCESS : HV_INVALID_PORT_ID;
}

static bool
port_is_for(uint32_t port_id, const struct partition *child)
{
	const struct port *port = NULL;
	bool is;

	spin_lock(&root_partition.lock);
	if (port_id != 0)
		port = port_find(port_id);
	is = port != NULL && port->child == child->id;
	spin_unlock(&root_partition.lock);
	return is;
}

static struct doorbell *
doorbell_place(struct partition *child)
{
	struct doorbell *place = doorbell_find(child->doorbells, 0);
	struct doorbell_page *page;

	if (place != NULL)
		return place;
	page = pool_alloc(&child->pool);
	if (page == NULL)
		return NULL;
	page->next = child->doorbells;
	child->doorbells = page;
	return &page->entry[0];
}

static enum hv_status
connect_locked(struct partition *child, const struct hv_input_connect_port *in)
{
	struct doorbell *place;

	if (child->state != PARTITION_ACTIVE)
		return HV_INVALID_PARTITION_STATE;
	if (doorbell_find(child->doorbells, in->connection_id) != NULL)
		return HV_INVALID_CONNECTION_ID;
	place = doorbell_place(child);
	if (place == NULL)
		return HV_INSUFFICIENT_MEMORY;
	*place = (struct doorbell){
		.gpa = in->gpa,
		.value = in->trigger_value,
		.flags = in->flags,
		.connection = in->connection_id,
		.port = in->port_id,
	};
	return HV_SUCCESS;
}

enum hv_status
call_connect_port(const struct hv_input_connect_port *in,
    struct partition *child)
{
	enum hv_status status;

	if (in->connection_id == 0 ||
	    in->connection_id > HV_CONNECTION_ID_MASK)
		return HV_INVALID_CONNECTION_ID;
	if (in->port_type != HV_PORT_TYPE_DOORBELL ||
	    !doorbell_flags_valid(in->flags))
		return HV_INVALID_PARAMETER;
	if (!port_is_for(in->port_id, child))
		return HV_INVALID_PORT_ID;
	spin_lock(&child->lock);
	status = connect_locked(child, in);
	spin_unlock(&child->lock);
	return status;
}

enum hv_status
call_disconnect_port(const struct hv_input_disconnect_port *in,
    struct partition *child)
{
	struct doorbell *d = NULL;

	spin_lock(&child->lock);
	if (in->connection_id != 0)
		d = doorbell_find(child->doorbells, in->connection_id);
	if (d != NULL)
		d->connection = 0;
	spin_unlock(&child->lock);
	return d != NULL ? HV_SUCCESS : HV_INVALID_CONNECTION_ID;
}

/* Put the port into the ring of a VP of the parent; with its lock held. */
static void
port_ring(struct port *port)
{
	struct vp *vp = lp_self()->root_vp;

	if (port->vp != HV_ANY_VP)
		vp = partition_vp(&root_partition, port->vp);
	port->full = vp != NULL &&
	    synic_ring(vp, port->sint, port->id) == SYNIC_BUSY;
}

/* The port that @write rings, or 0. */
static uint32_t
doorbell_port(struct partition *child, const struct doorbell_write *write)
{
	const struct doorbell *d;
	uint32_t port = 0;

	if (READ_ONCE(child->doorbells) == NULL)
		return 0;
	spin_lock(&child->lock);
	d = doorbell_match(child->doorbells, write);
	if (d != NULL)
		port = d->port;
	spin_unlock(&child->lock);
	return port;
}

/* Whether a doorbell is there for @write; if so, it has been rung. */
static bool
doorbell_ring(struct partition *child, const struct doorbell_write *write)
{
	uint32_t id = doorbell_port(child, write);
	struct port *port;

	if (id == 0)
		return false;
	spin_lock(&root_partition.lock);
	port = port_find(id);
	if (port != NULL && port->child == child->id)
		port_ring(port);
	spin_unlock(&root_partition.lock);
	return true;
}

bool
port_doorbell(struct vp *vp, gpa_t addr)
{
	struct doorbell_write write = { .gpa = addr.v };
	uint64_t value = 0;
	uint64_t rflags = vp->regs.rflags;
	struct insn in;

	if (READ_ONCE(vp->part->doorbells) == NULL || !insn_fetch(vp, &in) ||
	    in.kind != INSN_STORE || in.is_string)
		return false;
	if (in.has_register)
		value = vp->regs.gpr[in.reg];
	write.size = in.size;
	insn_execute(&in, &write.value, &value, &rflags);
	if (!doorbell_ring(vp->part, &write))
		return false;
	vp_skip(vp, in.length);
	return true;
}

bool
port_signal(struct partition *child, uint32_t connection, uint16_t flag)
{
	struct doorbell_write write = {
		.gpa = HV_SIGNAL_WINDOW + HV_SIGNAL_WINDOW_STRIDE *
		    (uint64_t)connection,
		.value = flag,
		.size = sizeof(flag),
	};

	return connection <= HV_CONNECTION_ID_MASK &&
	    doorbell_ring(child, &write);
}

/* Ring again what found its event ring full. */
enum hv_status
call_notify_port_ring_empty(const struct hv_input_notify_port_ring_empty *in)
{
	spin_lock(&root_partition.lock);
	for (struct port_page *p = ports; p != NULL; p = p->next) {
		for (size_t i = 0; i < PORTS_A_PAGE; i++) {
			struct port *port = &p->entry[i];

			if (port->id != 0 && port->full != 0 &&
			    port->sint == in->sint_index)
				port_ring(port);
		}
	}
	spin_unlock(&root_partition.lock);
	return HV_SUCCESS;
}

static void
ports_forget(uint64_t child)
{
	spin_lock(&root_partition.lock);
	for (struct port_page *p = ports; p != NULL; p = p->next) {
		for (size_t i = 0; i < PORTS_A_PAGE; i++) {
			if (p->entry[i].child == child)
				p->entry[i] = (struct port){ 0 };
		}
	}
	spin_unlock(&root_partition.lock);
}

void
port_partition_gone(struct partition *part)
{
	struct doorbell_page *page = part->doorbells;

	ASSERT(!part->is_root);
	part->doorbells = NULL;
	while (page != NULL) {
		struct doorbell_page *next = page->next;

		pool_free(&part->pool, page);
		page = next;
	}
	ports_forget(part->id);
}
