/* SPDX-License-Identifier: Apache-2.0 */
/* The process: one keyboard, its channel, and the control socket. */
#ifndef MULLION_KEYBOARD_PROVIDER_H
#define MULLION_KEYBOARD_PROVIDER_H

#include "control/control.h"
#include "keyboard/keyboard.h"
#include "keyboard/request.h"
#include "vmbus/provider.h"

#define KEYBOARD_SOCKET "keyboard.sock"

struct keyboard_provider {
	sd_event *event;
	struct provider *provider;
	struct service_control *control;
	struct offer *offer;
	struct keyboard keyboard;
	struct request request;		/* the last one */
};

/*
 * Connect to the worker whose sockets are in @run_dir, listen there, give up
 * all rights, and offer the keyboard. What was opened is kept when this fails,
 * for keyboard_provider_end().
 */
int keyboard_provider_begin(struct keyboard_provider *k, sd_event *event,
    const char *run_dir, struct err *e);
void keyboard_provider_end(struct keyboard_provider *k);

#endif
