/* SPDX-License-Identifier: Apache-2.0 */
/* What the source files of the virtual local APIC share. */
#ifndef HV_X86_VAPIC_INTERNAL_H
#define HV_X86_VAPIC_INTERNAL_H

#include "x86/vapic.h"

/* Register @word of those that show @map. */
static inline uint32_t
vapic_map_word(const uint64_t *map, unsigned int word)
{
	return (uint32_t)(READ_ONCE(map[word / 2]) >> (word % 2 * 32));
}

/* After base or SVR changed. */
void vapic_accepting_update(struct vapic *v);

/* The bits of each LVT entry that the guest may set. */
extern const uint32_t vapic_lvt_bits[VAPIC_LVTS];

/* Forget count and deadline. */
void vapic_timer_stop(struct vapic *v);

/* The current count. */
uint32_t vapic_timer_count(const struct vapic *v, uint64_t now);

#endif /* HV_X86_VAPIC_INTERNAL_H */
