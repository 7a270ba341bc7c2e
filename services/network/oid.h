/* SPDX-License-Identifier: Apache-2.0 */
/* What the guest may ask of an adapter, and set. */
#ifndef MULLION_NETWORK_OID_H
#define MULLION_NETWORK_OID_H

#include "network/adapter.h"

/*
 * Write what @oid stands for to the @room bytes at @out, and its length to
 * *@len: 0 unless the RNDIS status returned is success. The guest's buffer has
 * @want bytes, where its size decides.
 */
uint32_t oid_query(struct adapter *a, uint32_t oid, size_t want, uint8_t *out,
    size_t room, size_t *len);

/* Do what @info of @len bytes says; returns an RNDIS status. */
uint32_t oid_set(struct adapter *a, uint32_t oid, const uint8_t *info,
    size_t len);

#endif
