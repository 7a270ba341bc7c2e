/* SPDX-License-Identifier: Apache-2.0 */
/* Where log lines go: the serial port and, while booting, the screen. */
#ifndef HV_X86_CONSOLE_H
#define HV_X86_CONSOLE_H

#include "core/types.h"

/* The serial port; a screen joins by screen_open. */
void console_init(void);

/*
 * This processor is about to die: what another holds of the console it may
 * keep, output goes on without waiting for it.
 */
void console_force(void);

#endif /* HV_X86_CONSOLE_H */
