/* SPDX-License-Identifier: Apache-2.0 */
/* Puts kernel, initrd, command line and tables into a child's memory. */
#ifndef MULLION_WORKER_LOADER_H
#define MULLION_WORKER_LOADER_H

#include "manager/config.h"
#include "manager/err.h"
#include "worker/guest_memory.h"
#include "worker/start_state.h"

/*
 * Load what @c names. On success *@start tells how to start the first
 * processor. The error says which file is wrong, and in what way.
 */
int loader_load(const struct config *c, struct guest_memory *g,
    struct start *start, struct err *e);

#endif
