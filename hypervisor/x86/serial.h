/* SPDX-License-Identifier: Apache-2.0 */
/* The serial port, a 16550 at HV_SERIAL_PORT. */
#ifndef HV_X86_SERIAL_H
#define HV_X86_SERIAL_H

#include "core/types.h"

/* 8 data bits, no parity, at HV_SERIAL_BAUD. */
void serial_init(void);

/* Waits for the port, but not for ever; a line feed becomes CR LF. */
void serial_write(const char *text, size_t len);

#endif /* HV_X86_SERIAL_H */
