/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of an input. */
#ifndef FUZZ_DRIVER_MUTATE_H
#define FUZZ_DRIVER_MUTATE_H

#include "corpus.h"

/* Change an input at random in one way. */
void input_mutate(struct input *in);

#endif
