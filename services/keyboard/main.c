/* SPDX-License-Identifier: Apache-2.0 */
/* mullion-keyboard: the process behind the keyboard of a child. */
#include "keyboard/provider.h"
#include "process/process.h"

static struct keyboard_provider keyboard;

static bool
wanted(const struct config *config)
{
	return config->keyboard;
}

static int
begin(sd_event *event, const char *name, const struct config *config,
    const char *run_dir, struct err *e)
{
	(void)name;
	(void)config;
	return keyboard_provider_begin(&keyboard, event, run_dir, e);
}

static void
end(void)
{
	keyboard_provider_end(&keyboard);
}

int
main(int argc, char **argv)
{
	static const struct process process = {
		.program = "mullion-keyboard",
		.wanted = wanted,
		.begin = begin,
		.end = end,
	};

	return process_main(&process, argc, argv);
}
