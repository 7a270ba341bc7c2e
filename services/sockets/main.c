/* SPDX-License-Identifier: Apache-2.0 */
/* mullion-sockets: the process behind sockets to and from a child. */
#include "sockets/sockets.h"
#include "process/process.h"

static struct sockets sockets;

static bool
wanted(const struct config *config)
{
	return config->sockets;
}

static int
begin(sd_event *event, const char *name, const struct config *config,
    const char *run_dir, struct err *e)
{
	(void)name;
	(void)config;
	return sockets_begin(&sockets, event, run_dir, e);
}

static void
end(void)
{
	sockets_end(&sockets);
}

int
main(int argc, char **argv)
{
	static const struct process process = {
		.program = "mullion-sockets",
		.wanted = wanted,
		.begin = begin,
		.end = end,
	};

	return process_main(&process, argc, argv);
}
