/* SPDX-License-Identifier: Apache-2.0 */
/* RNDIS control messages: initialize, query, set and the like. */
#ifndef MULLION_NETWORK_CONTROL_H
#define MULLION_NETWORK_CONTROL_H

#include "network/adapter.h"
#include "network/stream.h"

/* The longest request that is looked at, and the longest answer. */
#define CONTROL_REQUEST_MAX	1536u
#define CONTROL_ANSWER_MAX	512u

/* Read one message from @s, do what it says, answer if it has an answer. */
void control_handle(struct adapter *a, struct stream *s);

#endif
