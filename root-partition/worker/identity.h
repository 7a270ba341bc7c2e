/* SPDX-License-Identifier: Apache-2.0 */
/* The users that a child's processes become: no other child has them. */
#ifndef MULLION_WORKER_IDENTITY_H
#define MULLION_WORKER_IDENTITY_H

#include <stdint.h>

#include "manager/err.h"

/* Who has claimed a block of users holds a lock here. */
#define IDENTITY_FOLDER "/run/mullion-users"

/* A block: the worker, and its providers by their kind. */
#define IDENTITY_BLOCK 16
/* Numbers that neither people, nor services, nor containers get. */
#define IDENTITY_FIRST UINT32_C(1880000000)
#define IDENTITY_BLOCKS 65536

/*
 * Claim a block of users, by a file in @folder, for as long as this process
 * lives; its first is then in *@first. A process that is not root has no other
 * user to become: 0.
 */
int identity_claim(const char *folder, uint32_t *first, struct err *e);

#endif
