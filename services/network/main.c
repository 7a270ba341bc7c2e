/* SPDX-License-Identifier: Apache-2.0 */
/* mullion-network: the process behind a child's network adapters. */
#include "network/network.h"
#include "process/process.h"

static struct network network;

static bool
wanted(const struct config *config)
{
	return config->network_count > 0;
}

static int
begin(sd_event *event, const char *name, const struct config *config,
    const char *run_dir, struct err *e)
{
	return network_begin(&network, event, name, config, run_dir, e);
}

static void
end(void)
{
	network_end(&network);
}

int
main(int argc, char **argv)
{
	static const struct process process = {
		.program = "mullion-network",
		.wanted = wanted,
		.begin = begin,
		.end = end,
	};

	return process_main(&process, argc, argv);
}
