/* SPDX-License-Identifier: Apache-2.0 */
/* From a part of a structure to the whole of it. */
#ifndef MULLION_INTEGRATION_CONTAINER_H
#define MULLION_INTEGRATION_CONTAINER_H

#include <stddef.h>

#define CONTAINER_OF(pointer, type, member) \
	((type *)(void *)((char *)(pointer) - offsetof(type, member)))

#endif
