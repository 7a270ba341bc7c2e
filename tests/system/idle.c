/* SPDX-License-Identifier: Apache-2.0 */
/* Says that it runs, and then waits to be killed. */
#include "lib/cpu.h"
#include "lib/payload.h"

void
payload_run(void)
{
	say("up\n");
	for (;;)
		cpu_halt();
}
