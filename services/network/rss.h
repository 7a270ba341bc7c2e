/* SPDX-License-Identifier: Apache-2.0 */
/* Which queue receives a frame: hash and table, as the guest set them. */
#ifndef MULLION_NETWORK_RSS_H
#define MULLION_NETWORK_RSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "network/frame.h"

#define RSS_KEY_SIZE	40u
#define RSS_TABLE_SIZE	128u	/* entries */

struct rss {
	bool on;
	uint32_t hashes;	/* NDIS_HASH_... */
	uint8_t key[RSS_KEY_SIZE];
	unsigned table_count;	/* a power of two, or 0 */
	uint8_t table[RSS_TABLE_SIZE];
};

/*
 * Take the @len bytes of OID_GEN_RSS_PARAMETERS. Returns an RNDIS status; @r
 * is untouched unless it is success. A table may name queues below @queues.
 */
uint32_t rss_set(struct rss *r, const uint8_t *info, size_t len,
    unsigned queues);

/*
 * The hash of a frame of which @head are the first @len bytes. False if RSS is
 * off or has no hash for its kind.
 */
bool rss_hash(const struct rss *r, const uint8_t *head, size_t len,
    const struct frame *f, uint32_t *hash);

/* The queue for a hash; RSS is on. */
unsigned rss_queue(const struct rss *r, uint32_t hash);

/* The Toeplitz hash itself, of at most RSS_KEY_SIZE - 4 bytes. */
uint32_t rss_toeplitz(const uint8_t key[RSS_KEY_SIZE], const uint8_t *bytes,
    size_t len);

#endif
