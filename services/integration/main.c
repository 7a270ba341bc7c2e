/* SPDX-License-Identifier: Apache-2.0 */
/* mullion-integration: the process behind a child's utility services. */
#include "integration/integration.h"
#include "process/process.h"

static struct integration integration;

static bool
wanted(const struct config *config)
{
	return config->integration;
}

static int
begin(sd_event *event, const char *name, const struct config *config,
    const char *run_dir, struct err *e)
{
	(void)name;
	(void)config;
	return integration_begin(&integration, event, run_dir, e);
}

static void
end(void)
{
	integration_end(&integration);
}

int
main(int argc, char **argv)
{
	static const struct process process = {
		.program = "mullion-integration",
		.wanted = wanted,
		.begin = begin,
		.end = end,
	};

	return process_main(&process, argc, argv);
}
