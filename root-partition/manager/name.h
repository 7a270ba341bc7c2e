/* SPDX-License-Identifier: Apache-2.0 */
/* Names of partitions. */
#ifndef MULLION_MANAGER_NAME_H
#define MULLION_MANAGER_NAME_H

#include "manager/err.h"

/* Letters in the longest name; a name is [a-z0-9][a-z0-9-]*. */
#define NAME_LETTERS_MAX 32

/*
 * Names become file names and instances of a systemd unit, so that nothing
 * else is let through. EINVAL, with what is wrong, when @name is not one.
 */
int name_check(const char *name, struct err *e);

#endif
