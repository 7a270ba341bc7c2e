/* SPDX-License-Identifier: Apache-2.0 */
/* Hashes, and the settings they follow. */
#include <criterion/criterion.h>
#include <string.h>

#include "guest.h"

/* The key and the results that Microsoft publishes for checking. */
static const uint8_t key[RSS_KEY_SIZE] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2,
	0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
	0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4,
	0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
	0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

struct setting {
	struct ndis_rss_parameters p;
	uint32_t table[RSS_TABLE_SIZE];
	uint8_t key[RSS_KEY_SIZE];
};

static struct rss r;
static struct setting s;

static void
set_up(void)
{
	memset(&r, 0, sizeof(r));
	memset(&s, 0, sizeof(s));
	s.p.head.type = NDIS_OBJECT_RSS_PARAMETERS;
	s.p.hash = NDIS_HASH_TOEPLITZ | NDIS_HASH_IPV4 | NDIS_HASH_TCP_IPV4 |
	    NDIS_HASH_IPV6 | NDIS_HASH_TCP_IPV6;
	s.p.table_size = sizeof(s.table);
	s.p.table_offset = offsetof(struct setting, table);
	s.p.key_size = sizeof(s.key);
	s.p.key_offset = offsetof(struct setting, key);
	for (unsigned i = 0; i < RSS_TABLE_SIZE; i++)
		s.table[i] = i % 3;
	memcpy(s.key, key, sizeof(key));
}

TestSuite(rss, .init = set_up);

static uint32_t
set(unsigned queues)
{
	return rss_set(&r, (const uint8_t *)&s, sizeof(s), queues);
}

Test(rss, hashes_as_published)
{
	static const uint8_t in[12] = {
		66, 9, 149, 187, 161, 142, 100, 80, 0x0a, 0xea, 0x06, 0xe6,
	};

	cr_expect_eq(rss_toeplitz(key, in, 8), 0x323e8fc2);
	cr_expect_eq(rss_toeplitz(key, in, 12), 0x51ccc178);
}

Test(rss, hashes_ports_of_tcp_only)
{
	static const uint8_t addresses[12] = {
		66, 9, 149, 187, 161, 142, 100, 80, 0x0a, 0xea, 0x06, 0xe6,
	};
	uint8_t bytes[128];
	struct frame f;
	uint32_t hash;
	size_t len = guest_tcp_frame(bytes, false, 0);

	memcpy(bytes + 14 + 12, addresses, sizeof(addresses));
	cr_assert_eq(set(3), RNDIS_STATUS_SUCCESS);
	frame_parse(bytes, len, &f);
	cr_assert(rss_hash(&r, bytes, len, &f, &hash));
	cr_expect_eq(hash, 0x51ccc178);
	cr_expect_eq(rss_queue(&r, hash), (0x51ccc178 & 127) % 3);
	bytes[14 + 9] = FRAME_UDP;
	frame_parse(bytes, len, &f);
	cr_assert(rss_hash(&r, bytes, len, &f, &hash));
	cr_expect_eq(hash, 0x323e8fc2);
	frame_put16(bytes + 12, 0x0806);
	frame_parse(bytes, len, &f);
	cr_expect_not(rss_hash(&r, bytes, len, &f, &hash));
}

Test(rss, table_names_queues_that_are_there)
{
	cr_expect_eq(set(2), RNDIS_STATUS_INVALID_DATA);
	cr_expect_not(r.on);
	cr_expect_eq(set(3), RNDIS_STATUS_SUCCESS);
	cr_expect(r.on);
}

Test(rss, refuses_offsets_outside)
{
	s.p.table_offset = sizeof(s) - sizeof(s.table) + 1;
	cr_expect_eq(set(3), RNDIS_STATUS_INVALID_DATA);
	s.p.table_offset = UINT32_MAX - 3;
	cr_expect_eq(set(3), RNDIS_STATUS_INVALID_DATA);
	set_up();
	s.p.key_offset = sizeof(s) - sizeof(s.key) + 1;
	cr_expect_eq(set(3), RNDIS_STATUS_INVALID_DATA);
	set_up();
	s.p.table_size = 12;		/* no power of two */
	cr_expect_eq(set(3), RNDIS_STATUS_INVALID_DATA);
	cr_expect_eq(rss_set(&r, (const uint8_t *)&s, 39, 3),
	    RNDIS_STATUS_INVALID_LENGTH);
	cr_expect_not(r.on);
}

Test(rss, keeps_what_is_unchanged)
{
	cr_assert_eq(set(3), RNDIS_STATUS_SUCCESS);
	s.p.flags = NDIS_RSS_OFF;
	cr_assert_eq(set(3), RNDIS_STATUS_SUCCESS);
	cr_expect_not(r.on);
	s.p.flags = NDIS_RSS_KEY_UNCHANGED | NDIS_RSS_TABLE_UNCHANGED |
	    NDIS_RSS_HASH_UNCHANGED;
	memset(s.key, 0, sizeof(s.key));
	cr_assert_eq(rss_set(&r, (const uint8_t *)&s, sizeof(s.p), 3),
	    RNDIS_STATUS_SUCCESS);
	cr_expect(r.on);
	cr_expect_arr_eq(r.key, key, sizeof(key));
	cr_expect_eq(r.table_count, RSS_TABLE_SIZE);
}
