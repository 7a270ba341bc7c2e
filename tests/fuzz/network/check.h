/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold of an adapter whatever its guest does. */
#ifndef MULLION_TESTS_FUZZ_NETWORK_CHECK_H
#define MULLION_TESTS_FUZZ_NETWORK_CHECK_H

#include "guest.h"

/* Abort if something does not hold; forget packets and frames seen so far. */
void adapter_check(struct guest *g);

#endif
