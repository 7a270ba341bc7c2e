/* SPDX-License-Identifier: Apache-2.0 */
/* From the arguments to the event loop, and back. */
#include "process/process.h"

#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "manager/name.h"
#include "manager/site.h"

#define EXIT_NOT_WANTED 1
#define EXIT_SETUP 255

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "run-dir", required_argument, NULL, 'r' },
	{ "wanted", no_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct arguments {
	bool wanted_only;
	const char *name;
	const char *config;	/* NULL: the partition's */
	const char *run_dir;	/* likewise */
};

static void
usage(const struct process *p, FILE *out)
{
	fprintf(out, "usage: %s [--wanted] NAME\n"
	    "       %s --config FILE --run-dir DIR NAME\n", p->program,
	    p->program);
}

static int
arguments_parse(const struct process *p, int argc, char **argv,
    struct arguments *a, struct err *e)
{
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) !=
	    -1) {
		switch (option) {
		case 'c':
			a->config = optarg;
			break;
		case 'r':
			a->run_dir = optarg;
			break;
		case 'w':
			a->wanted_only = true;
			break;
		case 'h':
			usage(p, stdout);
			exit(EXIT_SUCCESS);
		default:
			return err_set(e, ERR_USAGE, "unknown option");
		}
	}
	if (optind + 1 != argc)
		return err_set(e, ERR_USAGE, "one NAME is needed");
	a->name = argv[optind];
	return name_check(a->name, e);
}

/* The signals stay blocked for good: only the loop takes them. */
static int
loop_make(sd_event **event)
{
	sigset_t ends;
	int ret;

	sigemptyset(&ends);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGINT);
	if (sigprocmask(SIG_BLOCK, &ends, NULL) < 0)
		return -errno;
	ret = sd_event_new(event);
	if (ret >= 0)
		ret = sd_event_add_signal(*event, NULL, SIGTERM, NULL, NULL);
	if (ret >= 0)
		ret = sd_event_add_signal(*event, NULL, SIGINT, NULL, NULL);
	return ret;
}

static int
serve(const struct process *p, const char *name, const struct config *config,
    const char *run_dir, struct err *e)
{
	sd_event *event = NULL;
	int ret = loop_make(&event);

	if (ret < 0)
		return err_set(e, -ret, "event loop: %s", strerror(-ret));
	ret = p->begin(event, name, config, run_dir, e);
	if (ret == 0) {
		sd_notify(0, "READY=1");
		ret = sd_event_loop(event);
		if (ret < 0)
			err_set(e, -ret, "event loop: %s", strerror(-ret));
	}
	p->end();
	sd_event_unref(event);
	return ret;
}

void
process_lost(sd_event *event, const struct err *why)
{
	if (why->code == ECONNRESET) {
		sd_event_exit(event, EXIT_SUCCESS);
		return;
	}
	fprintf(stderr, "the worker is lost: %s\n", why->text);
	sd_event_exit(event, EXIT_FAILURE);
}

int
process_main(const struct process *p, int argc, char **argv)
{
	static const struct site here = { .root = "" };
	static struct config config;
	char path[SITE_PATH_MAX], run_dir[SITE_PATH_MAX];
	struct arguments a = { .name = NULL };
	struct err e = { .code = 0 };
	int ret;

	if (arguments_parse(p, argc, argv, &a, &e) < 0) {
		fprintf(stderr, "%s: %s\n", p->program, e.text);
		usage(p, stderr);
		return EXIT_SETUP;
	}
	site_config(&here, a.name, path);
	site_runtime(&here, a.name, "", run_dir);
	ret = config_load(a.config != NULL ? a.config : path, &config, &e);
	/* What is wrong with a configuration is for the worker to say. */
	if (a.wanted_only)
		return ret == 0 && p->wanted(&config) ? EXIT_SUCCESS :
		    EXIT_NOT_WANTED;
	/* Else the first object waits for the kernel's random numbers. */
	json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE);
	if (ret == 0)
		ret = serve(p, a.name, &config, a.run_dir != NULL ? a.run_dir :
		    run_dir, &e);
	if (ret < 0) {
		fprintf(stderr, "%s: %s\n", p->program, e.text);
		return EXIT_SETUP;
	}
	return ret;
}
