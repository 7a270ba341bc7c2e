/* SPDX-License-Identifier: Apache-2.0 */
/* mullion-worker: the process behind one child partition. */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "manager/name.h"
#include "manager/site.h"
#include "worker/worker.h"

static const char usage[] =
	"usage: mullion-worker [--slow-signals] NAME\n"
	"       mullion-worker [--slow-signals] --config FILE --run-dir DIR "
	"[--log FILE]\n";

enum {
	OPTION_CONFIG = 'c',
	OPTION_RUN_DIR = 'r',
	OPTION_LOG = 'l',
	OPTION_SLOW_SIGNALS = 's',
	OPTION_HELP = 'h',
};

static const struct option long_options[] = {
	{ "config", required_argument, NULL, OPTION_CONFIG },
	{ "run-dir", required_argument, NULL, OPTION_RUN_DIR },
	{ "log", required_argument, NULL, OPTION_LOG },
	{ "slow-signals", no_argument, NULL, OPTION_SLOW_SIGNALS },
	{ "help", no_argument, NULL, OPTION_HELP },
	{ NULL, 0, NULL, 0 },
};

static int
copy_path(char out[PATH_MAX], const char *path, struct err *e)
{
	if (strlen(path) >= PATH_MAX)
		return err_set(e, ENAMETOOLONG, "%.40s...: too long", path);
	strcpy(out, path);
	return 0;
}

/* The files of the partition @name. */
static int
options_by_name(struct worker_options *o, const char *name, struct err *e)
{
	static const struct site here = { .root = "" };

	if (name_check(name, e) < 0)
		return -1;
	site_config(&here, name, o->config);
	site_runtime(&here, name, "", o->run_dir);
	site_logs(&here, name, "console.log", o->log);
	return 0;
}

static int
options_check(struct worker_options *o, struct err *e)
{
	if (o->config[0] == '\0' || o->run_dir[0] == '\0')
		return err_set(e, ERR_USAGE, "a NAME, or --config and "
		    "--run-dir, are needed");
	if (o->log[0] == '\0' && snprintf(o->log, sizeof(o->log),
	    "%s/console.log", o->run_dir) >= (int)sizeof(o->log))
		return err_set(e, ENAMETOOLONG, "--run-dir: too long");
	return 0;
}

static int
options_parse(int argc, char **argv, struct worker_options *o, struct err *e)
{
	int option, ret = 0;

	memset(o, 0, sizeof(*o));
	while (ret == 0 && (option = getopt_long(argc, argv, "", long_options,
	    NULL)) != -1) {
		switch (option) {
		case OPTION_CONFIG:
			ret = copy_path(o->config, optarg, e);
			break;
		case OPTION_RUN_DIR:
			ret = copy_path(o->run_dir, optarg, e);
			break;
		case OPTION_LOG:
			ret = copy_path(o->log, optarg, e);
			break;
		case OPTION_SLOW_SIGNALS:
			o->slow_signals = true;
			break;
		case OPTION_HELP:
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		default:
			return err_set(e, ERR_USAGE, "unknown option");
		}
	}
	if (ret < 0)
		return -1;
	if (optind + 1 == argc && o->config[0] == '\0')
		return options_by_name(o, argv[optind], e);
	if (optind != argc)
		return err_set(e, ERR_USAGE, "one NAME at most");
	return options_check(o, e);
}

int
main(int argc, char **argv)
{
	static struct worker w;
	static struct worker_options o;
	struct err e = { .code = 0 };

	if (options_parse(argc, argv, &o, &e) < 0) {
		fprintf(stderr, "mullion-worker: %s\n%s", e.text, usage);
		return WORKER_EXIT_SETUP;
	}
	/* Else the first object waits for the kernel's random numbers. */
	json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE);
	w.status.dir_fd = -1;
	if (worker_setup(&w, &o, &mshv_backend, &e) < 0) {
		fprintf(stderr, "mullion-worker: %s\n", e.text);
		if (w.status.dir_fd >= 0)
			status_file_set(&w.status, STATUS_FAILED, e.text);
		return WORKER_EXIT_SETUP;
	}
	return worker_run(&w);
}
