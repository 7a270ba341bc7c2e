/* SPDX-License-Identifier: Apache-2.0 */
/* mullion-storage: the process behind a child's disks. */
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
#include "storage/storage.h"

#define EXIT_NOT_WANTED 1
#define EXIT_SETUP 255

static const char usage[] =
	"usage: mullion-storage [--wanted] NAME\n"
	"       mullion-storage --config FILE --run-dir DIR NAME\n";

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "run-dir", required_argument, NULL, 'r' },
	{ "wanted", no_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

struct options {
	bool wanted_only; /* only tell whether the partition wants us */
	const char *name;
	char config[SITE_PATH_MAX];
	char run_dir[SITE_PATH_MAX];
};

static int
path_take(char out[SITE_PATH_MAX], const char *path, struct err *e)
{
	if (strlen(path) >= SITE_PATH_MAX)
		return err_set(e, ERR_USAGE, "%.40s...: too long", path);
	strcpy(out, path);
	return 0;
}

/* What was not given is that of the partition. */
static int
options_complete(struct options *o, struct err *e)
{
	static const struct site here = { .root = "" };

	if (name_check(o->name, e) < 0)
		return -1;
	if (o->config[0] == '\0')
		site_config(&here, o->name, o->config);
	if (o->run_dir[0] == '\0')
		site_runtime(&here, o->name, "", o->run_dir);
	return 0;
}

static int
options_parse(int argc, char **argv, struct options *o, struct err *e)
{
	int option, ret = 0;

	memset(o, 0, sizeof(*o));
	while (ret == 0 && (option = getopt_long(argc, argv, "", long_options,
	    NULL)) != -1) {
		switch (option) {
		case 'c':
			ret = path_take(o->config, optarg, e);
			break;
		case 'r':
			ret = path_take(o->run_dir, optarg, e);
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
	if (ret < 0)
		return -1;
	if (optind + 1 != argc)
		return err_set(e, ERR_USAGE, "one NAME is needed");
	o->name = argv[optind];
	return options_complete(o, e);
}

static int
serve(const struct options *o, const struct config *config, struct err *e)
{
	static struct storage s;
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
	ret = storage_begin(&s, event, o->name, config, o->run_dir, e);
	if (ret == 0) {
		sd_notify(0, "READY=1");
		ret = sd_event_loop(event);
		if (ret < 0)
			err_set(e, -ret, "event loop: %s", strerror(-ret));
	}
	storage_end(&s);
	sd_event_unref(event);
	return ret;
}

int
main(int argc, char **argv)
{
	static struct options o;
	static struct config config;
	struct err e = { .code = 0 };
	int ret;

	if (options_parse(argc, argv, &o, &e) < 0) {
		fprintf(stderr, "mullion-storage: %s\n%s", e.text, usage);
		return EXIT_SETUP;
	}
	ret = config_load(o.config, &config, &e);
	/* What is wrong with a configuration is for the worker to say. */
	if (o.wanted_only)
		return ret == 0 && config.disk_count > 0 ? EXIT_SUCCESS
							 : EXIT_NOT_WANTED;
	/* Else the first object waits for the kernel's random numbers. */
	json_global_set_string_hash(JSON_C_STR_HASH_PERLLIKE);
	if (ret == 0)
		ret = serve(&o, &config, &e);
	if (ret < 0) {
		fprintf(stderr, "mullion-storage: %s\n", e.text);
		return EXIT_SETUP;
	}
	return ret;
}
