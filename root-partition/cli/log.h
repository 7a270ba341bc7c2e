/* SPDX-License-Identifier: Apache-2.0 */
/* Showing the file that keeps a console's output. */
#ifndef MULLION_CLI_LOG_H
#define MULLION_CLI_LOG_H

#include <limits.h>
#include <stdbool.h>

#include "manager/err.h"

#define LOG_ALL_LINES UINT_MAX

struct log_view {
	int out;
	bool follow;	/* go on, until a signal ends the program */
	bool tame;	/* see output_tame() */
	unsigned lines; /* how many of the last ones, or LOG_ALL_LINES */
};

int log_show(const char *path, const struct log_view *view, struct err *e);

#endif
