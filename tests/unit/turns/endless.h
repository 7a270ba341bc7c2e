/* SPDX-License-Identifier: Apache-2.0 */
/* A frame of a provider whose channel has another packet at any time. */
#ifndef TESTS_TURNS_ENDLESS_H
#define TESTS_TURNS_ENDLESS_H

#include <systemd/sd-event.h>

/* An event loop, and a folder for the provider's socket. */
void endless_begin(sd_event **event, char dir[static 32]);

/* The worker answers what it was asked, and the guest opens the channel. */
void endless_open(void);

/*
 * The guest has rung. Fails unless the provider leaves the rest for later,
 * having asked to be called again.
 */
void endless_turn(void);

/* Remove the socket @name and its folder. */
void endless_end(sd_event *event, const char *dir, const char *name);

#endif
