/* SPDX-License-Identifier: Apache-2.0 */
/* What a guest measures of its devices. */
#ifndef MULLION_BENCH_DEVICES_H
#define MULLION_BENCH_DEVICES_H

#include <stdint.h>

/* One row: @count operations took @ticks of the TSC in all. */
void row_print(const char *name, uint64_t count, uint64_t ticks);

/* Each prints its rows, or a line with the reason why it cannot. */
void disk_measure(void);
void network_measure(void);
void socket_measure(void);
void raw_measure(void);

#endif
