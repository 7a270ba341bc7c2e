/* SPDX-License-Identifier: Apache-2.0 */
/* mullion-integration: the process behind a child's utility services. */
#include <errno.h>
#include <getopt.h>
#include <json-c/json.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>

#include "integration/integration.h"
#include "manager/config.h"
#include "manager/name.h"
#include "manager/site.h"

#define EXIT_NOT_WANTED 1
#define EXIT_SETUP 255

static const char usage[] =
	"usage: mullion-integration [--wanted] NAME\n"
	"       mullion-integration --run-dir DIR\n";

static const struct option long_options[] = {
	{ "run-dir", required_argument, NULL, 'r' },
	{ "wanted", no_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct options {
	bool wanted_only; /* only tell whether the partition wants us */
	char run_dir[SITE_PATH_MAX];
	char config[SITE_PATH_MAX];
};

static int
options_by_name(struct options *o, const char *name, struct err *e)
{
	static const struct site here = { .root = "" };

	if (name_check(name, e) < 0)
		return -1;
	site_runtime(&here, name, "", o->run_dir);
	site_config(&here, name, o->config);
	return 0;
}

static int
options_parse(int argc, char **argv, struct options *o, struct err *e)
{
	int option;

	memset(o, 0, sizeof(*o));
	while ((option = getopt_long(argc, argv, "", long_options,
	    NULL)) != -1) {
		switch (option) {
		case 'r':
			if (strlen(optarg) >= sizeof(o->run_dir))
				return err_set(e, ERR_USAGE, "too long a DIR");
			strcpy(o->run_dir, optarg);
			break;
		case 'w':
			o->wanted_only = true;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		default:
			return err_set(e, ERR_USAGE, "unknown option");
		}
	}
	if (optind + 1 == argc && o->run_dir[0] == '\0')
		return options_by_name(o, argv[optind], e);
	if (optind != argc || o->run_dir[0] == '\0' || o->wanted_only)
		return err_set(e, ERR_USAGE, "a NAME or a DIR is needed");
	return 0;
}

/* What is wrong with a configuration is for the worker to say. */
static int
wanted(const struct options *o)
{
	struct config c;
	struct err e;

	if (config_load(o->config, &c, &e) < 0 || !c.integration)
		return EXIT_NOT_WANTED;
	return EXIT_SUCCESS;
}

static int
serve(const char *run_dir, struct err *e)
{
	static struct integration g;
	sd_event *event = NULL;
	sigset_t term;
	int ret;

	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigaddset(&term, SIGINT);
	ret = sigprocmask(SIG_BLOCK, &term, NULL) < 0 ? -errno
						       : sd_event_new(&event);
	if (ret >= 0)
		ret = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
	if (ret >= 0)
		ret = sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
	if (ret < 0)
		return err_set(e, -ret, "event loop: %s", strerror(-ret));
	ret = integration_begin(&g, event, run_dir, e);
	if (ret == 0) {
		sd_notify(0, "READY=1");
		ret = sd_event_loop(event);
		if (ret < 0)
			err_set(e, -ret, "event loop: %s", strerror(-ret));
	}
	integration_end(&g);
	sd_event_unref(event);
	return ret;
}

int
main(int argc, char **argv)
{
	static struct options o;
	struct err e = { .code = 0 };
	int ret;

	if (options_parse(argc, argv, &o, &e) < 0) {
		fprintf(stderr, "mullion-integration: %s\n%s", e.text, usage);
		return EXIT_SETUP;
	}
	if (o.wanted_only)
		return wanted(&o);
	/* Else the first object waits for the kernel's random numbers. */
	json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE);
	ret = serve(o.run_dir, &e);
	if (ret < 0) {
		fprintf(stderr, "mullion-integration: %s\n", e.text);
		return EXIT_SETUP;
	}
	return ret;
}
