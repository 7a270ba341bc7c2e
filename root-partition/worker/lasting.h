/* SPDX-License-Identifier: Apache-2.0 */
/* Channels that outlive their provider: kept, and handed to the next one. */
#ifndef MULLION_WORKER_LASTING_H
#define MULLION_WORKER_LASTING_H

#include <stdbool.h>

#include "manager/err.h"
#include "vmbus/provider_protocol.h"
#include "worker/providers.h"

struct provider_channel;

int lasting_init(struct providers *p, struct err *e);

/*
 * The process behind @s is gone: keep its lasting channels, open for the guest
 * as they are. Those whose providers die again and again are left in @s.
 */
void lasting_keep(struct session *s);

/*
 * If a channel like the one that @m offers is kept, give it to @s, and tell it
 * all there is to know. False: there is none.
 */
bool lasting_take_over(struct session *s, const struct provider_offer *m);

/* The timer of those that nobody has taken over. */
void lasting_expire(struct providers *p);

/* What could not be done inside the server's ops. */
void lasting_settle(struct providers *p);

#endif
