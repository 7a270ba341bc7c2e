/* SPDX-License-Identifier: Apache-2.0 */
/* What the disk loader tells the worker when it cannot start a system. */
#ifndef MULLION_DISK_LOADER_FAILURE_H
#define MULLION_DISK_LOADER_FAILURE_H

/* It is a byte written to this port, like the end of a payload. */
#define DISK_LOADER_PORT 0xf4

enum disk_loader_failure {
	DISK_LOADER_NO_DISK = 0x61,
	DISK_LOADER_NO_SYSTEM,
	DISK_LOADER_NO_KERNEL,
	DISK_LOADER_NO_START,
};

#endif
