/* SPDX-License-Identifier: Apache-2.0 */
/* What clients of the control socket ask, and what they are answered. */
#ifndef MULLION_KEYBOARD_REQUEST_H
#define MULLION_KEYBOARD_REQUEST_H

#include "keyboard/keys.h"

#define REQUEST_REPLY_MAX 512

struct request {
	struct key_event events[KEYS_EVENTS_MAX];
	size_t count;
};

/*
 * Read {"op":"send","keys":"ctrl-alt-del"}. EPROTO or EINVAL, with what is
 * wrong, if it is anything else.
 */
int request_parse(const uint8_t *json, size_t len, struct request *out,
    struct err *e);

/* Each returns the length of the answer. */
size_t reply_done(char out[REQUEST_REPLY_MAX]);
size_t reply_refused(const struct err *e, char out[REQUEST_REPLY_MAX]);

#endif
