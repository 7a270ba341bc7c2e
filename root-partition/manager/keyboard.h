/* SPDX-License-Identifier: Apache-2.0 */
/* Pressing keys of a partition's keyboard. */
#ifndef MULLION_MANAGER_KEYBOARD_H
#define MULLION_MANAGER_KEYBOARD_H

#include "manager/err.h"
#include "manager/site.h"

/*
 * Press and release @keys, like "ctrl-alt-del" or "l s enter". ENOTCONN when
 * the partition has no keyboard or its guest no driver for it, EAGAIN when the
 * guest does not take what was pressed before, EINVAL when there is no such
 * key.
 */
int keyboard_send(const struct site *site, const char *name,
    const char *keys, struct err *e);

#endif
