/* SPDX-License-Identifier: Apache-2.0 */
/* A triple fault ends the partition, and only it, with a word why. */
#include "lib/cpu.h"
#include "lib/payload.h"

void
payload_run(void)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} nothing = { 0, 0 };

	__asm__ volatile("lidt %0; ud2" : : "m"(nothing));
	payload_fail("alive after a triple fault");
}
