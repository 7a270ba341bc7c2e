/* SPDX-License-Identifier: Apache-2.0 */
/* mullion-storage: the process behind a child's disks. */
#include "storage/storage.h"
#include "process/process.h"

static struct storage storage;

static bool
wanted(const struct config *config)
{
	return config->disk_count > 0;
}

static int
begin(sd_event *event, const char *name, const struct config *config,
    const char *run_dir, struct err *e)
{
	return storage_begin(&storage, event, name, config, run_dir, e);
}

static void
end(void)
{
	storage_end(&storage);
}

int
main(int argc, char **argv)
{
	static const struct process process = {
		.program = "mullion-storage",
		.wanted = wanted,
		.begin = begin,
		.end = end,
	};

	return process_main(&process, argc, argv);
}
