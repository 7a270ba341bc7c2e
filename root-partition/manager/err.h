/* SPDX-License-Identifier: Apache-2.0 */
/* What went wrong: a code for programs and a sentence for a person. */
#ifndef MULLION_MANAGER_ERR_H
#define MULLION_MANAGER_ERR_H

#define ERR_TEXT_MAX 512

/* Codes beside errno's numbers, for what errno has no word for. */
enum err_code {
	ERR_NO_PARTITION = 1000, /* no partition of that name is defined */
	ERR_STATE,		 /* not possible in the partition's state */
	ERR_EXISTS,		 /* a partition of that name exists already */
	ERR_USAGE,		 /* the command line is wrong */
	ERR_TIMEOUT,		 /* waited as long as was allowed */
};

struct err {
	int code; /* an errno number or one of enum err_code; 0 when unset */
	char text[ERR_TEXT_MAX]; /* no final newline; cut when too long */
};

/* Fill *@e. Always returns -1, so that callers can `return err_set(...)`. */
int err_set(struct err *e, int code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Put where it happened before the text of *@e. Always returns -1. */
int err_prefix(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
