/* SPDX-License-Identifier: Apache-2.0 */
/* What the worker asks of a hypervisor: /dev/mshv, or a fake one in tests. */
#ifndef MULLION_WORKER_BACKEND_H
#define MULLION_WORKER_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include <tlfs/message.h>
#include <tlfs/synic.h>
#include <tlfs/vp.h>

#include "manager/err.h"
#include "worker/ioapic.h"

#define BACKEND_VPS_MAX 64

/* One virtual processor. The page is NULL when there is none to share. */
struct vp_link {
	int fd;
	unsigned index;
	struct hv_vp_register_page *page;
};

/* Descriptors are -1 when there is none. */
struct partition {
	int fd;
	/* Where doorbells stand for connections; 0: nowhere. */
	uint64_t signal_window;
	/* Whether interrupts can be events of VMBus. */
	bool event_interrupts;
	/* VP + 1 of each event flag that an eventfd sets, or 0. */
	uint8_t event_vps[HV_EVENT_FLAGS_COUNT];
	/* Counters that the hypervisor keeps: the folder, and its texts. */
	int counters_dir;
	int counters_fd;
	int vp_counters_fd[BACKEND_VPS_MAX];
};

enum backend_delivery {
	BACKEND_DELIVERED,
	BACKEND_BUSY,		/* a message is in the slot */
	BACKEND_CLOSED,		/* the child does not listen there */
};

/*
 * All return 0, or -1 with *@e filled, except run(). Calls on one VP come from
 * one thread at a time; the others may come from any.
 */
struct backend {
	/* Make a partition that is ready for memory and VPs. */
	int (*create)(struct partition *p, struct err *e);

	/* Let guest addresses from @gpa on be the @size bytes at @host. */
	int (*map)(const struct partition *p, uint64_t gpa, void *host,
	    uint64_t size, struct err *e);

	int (*vp_create)(struct partition *p, unsigned index,
	    struct vp_link *vp, struct err *e);

	/*
	 * Run until the child needs something, which is then in *@message.
	 * Returns 0, EINTR after a signal, another errno if it cannot run.
	 */
	int (*run)(const struct vp_link *vp, struct hv_message *message);

	/* Fill in the values of the registers that @list names. */
	int (*get_registers)(const struct vp_link *vp,
	    struct hv_register_assoc *list, unsigned n, struct err *e);
	int (*set_registers)(const struct vp_link *vp,
	    const struct hv_register_assoc *list, unsigned n, struct err *e);

	/*
	 * Where the guest's address @gva leads, for @write or reading. *@result
	 * is an enum hv_translate_result; *@gpa counts when that is a success.
	 */
	int (*translate)(const struct vp_link *vp, uint64_t gva, bool write,
	    uint64_t *gpa, uint32_t *result, struct err *e);

	int (*interrupt)(const struct partition *p, const struct interrupt *i,
	    struct err *e);

	/* Stop the partition's clock, or let it go on. */
	int (*freeze_time)(const struct partition *p, bool frozen,
	    struct err *e);

	/* The partition's clock, in 100 ns. */
	int (*reference_time)(const struct partition *p, uint64_t *time,
	    struct err *e);

	/* Put a message into slot @sint of VP @vp, which may be running. */
	enum backend_delivery (*post_message)(const struct partition *p,
	    uint32_t vp, uint8_t sint, const struct hv_message *m);

	/*
	 * Have run() report HVMSG_SYNIC_SINT_DELIVERABLE on VP @vp when one of
	 * the slots in the mask @sints takes messages. Replaces earlier masks.
	 */
	int (*await_slots)(const struct partition *p, uint32_t vp,
	    uint16_t sints, struct err *e);

	/* Set an event flag of SINT @sint; lost if the child is deaf. */
	void (*signal_event)(const struct partition *p, uint32_t vp,
	    uint8_t sint, uint16_t flag);

	/*
	 * Have the child's signals of @connection go to the eventfd @fd, or
	 * @on no more, without that run() reports them. ENOTSUP: they always
	 * are reported.
	 */
	int (*doorbell)(const struct partition *p, uint32_t connection,
	    int fd, bool on, struct err *e);

	/*
	 * Have writes to the eventfd @fd set event flag @flag of SINT
	 * HV_SINT_VMBUS; later calls move it to another VP. ENOTSUP: it takes
	 * signal_event().
	 */
	int (*event_connect)(struct partition *p, uint16_t flag, uint32_t vp,
	    int fd, struct err *e);
	void (*event_disconnect)(struct partition *p, uint16_t flag, int fd);
};

/* The driver of the root partition, /dev/mshv. */
extern const struct backend mshv_backend;

#endif
