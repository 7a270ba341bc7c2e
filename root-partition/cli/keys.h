/* SPDX-License-Identifier: Apache-2.0 */
/* Keys typed at an attached console, and output shown outside of one. */
#ifndef MULLION_CLI_KEYS_H
#define MULLION_CLI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEY_DETACH 0x1d /* Ctrl-] */

/*
 * How many of the @len bytes typed are for the guest: all of them, or those
 * before the key that detaches, which sets *@detach.
 */
size_t keys_for_guest(const uint8_t *typed, size_t len, bool *detach);

/*
 * Make what a guest wrote harmless for a terminal that is not its own: control
 * characters but newline and tab become visible, carriage returns vanish.
 * Writes at most 2 * @len bytes to @out, and returns how many.
 */
size_t output_tame(const uint8_t *in, size_t len, uint8_t *out);

#endif
