/* SPDX-License-Identifier: Apache-2.0 */
/* mullion-memory: the process behind a child's dynamic memory. */
#include "memory/memory.h"
#include "process/process.h"

static struct memory_service service;

/* One whose limits leave it no choice has as much as it has. */
static bool
wanted(const struct config *config)
{
	return config->memory_min < config_memory_most(config);
}

static int
begin(sd_event *event, const char *name, const struct config *config,
    const char *run_dir, struct err *e)
{
	(void)name;
	return memory_service_begin(&service, event, config, run_dir, e);
}

static void
end(void)
{
	memory_service_end(&service);
}

int
main(int argc, char **argv)
{
	static const struct process process = {
		.program = "mullion-memory",
		.wanted = wanted,
		.begin = begin,
		.end = end,
	};

	return process_main(&process, argc, argv);
}
