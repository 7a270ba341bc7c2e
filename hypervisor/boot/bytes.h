/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian numbers at any place in bytes that came from elsewhere. */
#ifndef HV_BOOT_BYTES_H
#define HV_BOOT_BYTES_H

#include "core/string.h"

/* getN() and putN() for numbers of N bits. */
#define BYTES_ACCESS(n) \
	static inline uint##n##_t \
	get##n(const uint8_t *p) \
	{ \
		uint##n##_t v; \
		memcpy(&v, p, sizeof(v)); \
		return v; \
	} \
	static inline void \
	put##n(uint8_t *p, uint##n##_t v) \
	{ \
		memcpy(p, &v, sizeof(v)); \
	}

BYTES_ACCESS(16)
BYTES_ACCESS(32)
BYTES_ACCESS(64)

#endif /* HV_BOOT_BYTES_H */
