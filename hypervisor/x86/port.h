/* SPDX-License-Identifier: Apache-2.0 */
/* Access to I/O ports. */
#ifndef HV_X86_PORT_H
#define HV_X86_PORT_H

#include "core/types.h"

/* inX() and outX() for one size of access. */
#define PORT_ACCESS(suffix, type) \
	static inline type \
	in##suffix(uint16_t port) \
	{ \
		type v; \
		__asm__ volatile("in" #suffix " %1, %0" \
		    : "=a"(v) : "Nd"(port)); \
		return v; \
	} \
	static inline void \
	out##suffix(uint16_t port, type v) \
	{ \
		__asm__ volatile("out" #suffix " %0, %1" \
		    : : "a"(v), "Nd"(port)); \
	}

PORT_ACCESS(b, uint8_t)
PORT_ACCESS(w, uint16_t)
PORT_ACCESS(l, uint32_t)

#endif /* HV_X86_PORT_H */
