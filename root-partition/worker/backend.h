/* SPDX-License-Identifier: Apache-2.0 */
/* What the worker asks of a hypervisor: /dev/mshv, or a fake one in tests. */
#ifndef MULLION_WORKER_BACKEND_H
#define MULLION_WORKER_BACKEND_H

#include <stdbool.h>
#include <stdint.h>

#include <tlfs/message.h>
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
	/* Counters that the hypervisor keeps: the folder, and its texts. */
	int counters_dir;
	int counters_fd;
	int vp_counters_fd[BACKEND_VPS_MAX];
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
};

/* The driver of the root partition, /dev/mshv. */
extern const struct backend mshv_backend;

#endif
