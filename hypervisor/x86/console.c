/* SPDX-License-Identifier: Apache-2.0 */
/* The console that log lines are printed on. */

#include "x86/console.h"

#include "core/lock.h"
#include "core/print.h"
#include "x86/screen.h"
#include "x86/serial.h"

static struct spinlock console_lock = SPINLOCK_INIT(LOCK_RANK_CONSOLE);
static bool console_forced;

void
console_init(void)
{
	serial_init();
}

void
console_force(void)
{
	WRITE_ONCE(console_forced, true);
}

void
print_sink(const char *text, size_t len)
{
	bool locked = !READ_ONCE(console_forced);

	if (locked)
		spin_lock(&console_lock);
	serial_write(text, len);
	screen_write(text, len);
	if (locked)
		spin_unlock(&console_lock);
}
