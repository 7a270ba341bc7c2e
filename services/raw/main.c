/* SPDX-License-Identifier: Apache-2.0 */
/* mullion-raw: the process behind a child's raw channels. */
#include "process/process.h"
#include "raw/raw.h"

static struct raw raw;

static bool
wanted(const struct config *config)
{
	return config->channel_count > 0;
}

static int
begin(sd_event *event, const char *name, const struct config *config,
    const char *run_dir, struct err *e)
{
	(void)name;
	return raw_begin(&raw, event, config, run_dir, e);
}

static void
end(void)
{
	raw_end(&raw);
}

int
main(int argc, char **argv)
{
	static const struct process process = {
		.program = "mullion-raw",
		.wanted = wanted,
		.begin = begin,
		.end = end,
	};

	return process_main(&process, argc, argv);
}
