/* SPDX-License-Identifier: Apache-2.0 */
/* Receive-side scaling: the guest's settings, and hashing by them. */
#include "network/rss.h"

#include <string.h>

#include "network/ndis_wire.h"
#include "network/rndis_wire.h"

#define ADDRESSES_AT_4	12u
#define ADDRESSES_4	8u
#define ADDRESSES_AT_6	8u
#define ADDRESSES_6	32u
#define PORTS		4u

/* Are the @size bytes at @offset inside of @len? */
static bool
is_inside(size_t len, uint32_t offset, uint32_t size)
{
	return offset <= len && size <= len - offset;
}

static uint32_t
table_set(struct rss *r, const uint8_t *info, size_t len,
    const struct ndis_rss_parameters *p, unsigned queues)
{
	unsigned count = p->table_size / 4u;

	if (count == 0 || count > RSS_TABLE_SIZE ||
	    (count & (count - 1)) != 0 ||
	    !is_inside(len, p->table_offset, p->table_size))
		return RNDIS_STATUS_INVALID_DATA;
	for (unsigned i = 0; i < count; i++) {
		uint32_t queue;

		memcpy(&queue, info + p->table_offset + i * 4, 4);
		if (queue >= queues)
			return RNDIS_STATUS_INVALID_DATA;
		r->table[i] = (uint8_t)queue;
	}
	r->table_count = count;
	return RNDIS_STATUS_SUCCESS;
}

uint32_t
rss_set(struct rss *r, const uint8_t *info, size_t len, unsigned queues)
{
	struct ndis_rss_parameters p;
	struct rss new = *r;

	if (len < sizeof(p))
		return RNDIS_STATUS_INVALID_LENGTH;
	memcpy(&p, info, sizeof(p));
	if (p.head.type != NDIS_OBJECT_RSS_PARAMETERS)
		return RNDIS_STATUS_INVALID_DATA;
	if ((p.flags & NDIS_RSS_OFF) != 0) {
		r->on = false;
		return RNDIS_STATUS_SUCCESS;
	}
	if ((p.flags & NDIS_RSS_HASH_UNCHANGED) == 0)
		new.hashes = p.hash;
	if ((p.flags & NDIS_RSS_TABLE_UNCHANGED) == 0 &&
	    table_set(&new, info, len, &p, queues) != RNDIS_STATUS_SUCCESS)
		return RNDIS_STATUS_INVALID_DATA;
	if ((p.flags & NDIS_RSS_KEY_UNCHANGED) == 0) {
		if (p.key_size != RSS_KEY_SIZE ||
		    !is_inside(len, p.key_offset, RSS_KEY_SIZE))
			return RNDIS_STATUS_INVALID_DATA;
		memcpy(new.key, info + p.key_offset, RSS_KEY_SIZE);
	}
	if ((new.hashes & NDIS_HASH_TOEPLITZ) == 0 || new.table_count == 0)
		return RNDIS_STATUS_INVALID_DATA;
	new.on = true;
	*r = new;
	return RNDIS_STATUS_SUCCESS;
}

uint32_t
rss_toeplitz(const uint8_t key[RSS_KEY_SIZE], const uint8_t *bytes,
    size_t len)
{
	uint32_t window = (uint32_t)key[0] << 24 | (uint32_t)key[1] << 16 |
	    (uint32_t)key[2] << 8 | key[3];
	uint32_t hash = 0;

	for (size_t i = 0; i < len; i++)
		for (int bit = 7; bit >= 0; bit--) {
			if ((bytes[i] >> bit & 1) != 0)
				hash ^= window;
			window = window << 1 | (key[i + 4] >> bit & 1);
		}
	return hash;
}

bool
rss_hash(const struct rss *r, const uint8_t *head, size_t len,
    const struct frame *f, uint32_t *hash)
{
	uint8_t input[ADDRESSES_6 + PORTS];
	bool is_6 = f->network == FRAME_IPV6;
	size_t size = is_6 ? ADDRESSES_6 : ADDRESSES_4;
	size_t at = f->network_at + (is_6 ? ADDRESSES_AT_6 : ADDRESSES_AT_4);
	bool tcp = f->protocol == FRAME_TCP && !f->fragment &&
	    f->transport_at != 0 && f->transport_at + PORTS <= len;

	if (!r->on || f->network == FRAME_OTHER)
		return false;
	memcpy(input, head + at, size);
	if (tcp && (r->hashes &
	    (is_6 ? NDIS_HASH_TCP_IPV6 : NDIS_HASH_TCP_IPV4)) != 0) {
		memcpy(input + size, head + f->transport_at, PORTS);
		size += PORTS;
	} else if ((r->hashes & (is_6 ? NDIS_HASH_IPV6 : NDIS_HASH_IPV4)) ==
	    0) {
		return false;
	}
	*hash = rss_toeplitz(r->key, input, size);
	return true;
}

unsigned
rss_queue(const struct rss *r, uint32_t hash)
{
	return r->table[hash & (r->table_count - 1)];
}
