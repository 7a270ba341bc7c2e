/* SPDX-License-Identifier: Apache-2.0 */
/* What objects of offloading and of receive-side scaling hold. */
#ifndef MULLION_NETWORK_NDIS_WIRE_H
#define MULLION_NETWORK_NDIS_WIRE_H

#include <stdint.h>

struct ndis_object {
	uint8_t type;
	uint8_t revision;
	uint16_t size;
};

#define NDIS_OBJECT_RSS_CAPABILITIES	0x88u
#define NDIS_OBJECT_RSS_PARAMETERS	0x89u
#define NDIS_OBJECT_OFFLOAD		0xa7u
#define NDIS_OBJECT_DEFAULT		0x80u

/* Bits of encapsulation and of checksums in struct ndis_offload. */
#define NDIS_ENCAP_8023		0x02u
#define NDIS_ENCAP_8023_OOB	0x08u	/* with 802.1Q beside the frame */
#define NDIS_CHECKSUM_IP6_EXT	0x01u
#define NDIS_CHECKSUM_TCP_OPT	0x04u
#define NDIS_CHECKSUM_TCP	0x10u
#define NDIS_CHECKSUM_UDP	0x40u
#define NDIS_LSO_IP6_EXT	0x01u
#define NDIS_LSO_TCP6_OPT	0x04u

struct ndis_checksum {
	uint32_t send4_encap, send4;
	uint32_t receive4_encap, receive4;
	uint32_t send6_encap, send6;
	uint32_t receive6_encap, receive6;
};

struct ndis_offload {
	struct ndis_object head;
	struct ndis_checksum checksum;
	uint32_t lso1[4];
	uint32_t ipsec[7];
	uint32_t lso4_encap, lso4_size, lso4_segments;
	uint32_t lso6_encap, lso6_size, lso6_segments, lso6_options;
	uint32_t flags;
	uint32_t ipsec2[8];		/* from revision 2 on */
	uint8_t rsc4, rsc6;		/* from revision 3 on */
	uint8_t reserved[2];
	uint32_t encap_gre[2];
};
_Static_assert(sizeof(struct ndis_offload) == 156, "wire layout");
#define NDIS_OFFLOAD_SIZE_1	112u
#define NDIS_OFFLOAD_SIZE_2	144u
#define NDIS_OFFLOAD_SIZE_3	156u

/* Of OID_TCP_OFFLOAD_PARAMETERS: which byte says what. */
#define NDIS_PARAMETERS_TCP4	5u
#define NDIS_PARAMETERS_RSC4	22u
#define NDIS_PARAMETERS_RSC6	23u
#define NDIS_PARAMETERS_SIZE_MIN 22u
#define NDIS_PARAMETER_OFF	1u
#define NDIS_PARAMETER_RSC_ON	2u

struct ndis_rss_capabilities {
	struct ndis_object head;
	uint32_t flags;
	uint32_t messages;
	uint32_t queues;
	uint16_t table_entries;
} __attribute__((packed));
_Static_assert(sizeof(struct ndis_rss_capabilities) == 18, "wire layout");

struct ndis_rss_parameters {
	struct ndis_object head;
	uint16_t flags;
	uint16_t base_cpu;
	uint32_t hash;
	uint16_t table_size;	/* in bytes */
	uint32_t table_offset;	/* from the start of this */
	uint16_t key_size;
	uint32_t key_offset;
	uint32_t masks_offset, masks, mask_size;
};
_Static_assert(sizeof(struct ndis_rss_parameters) == 40, "wire layout");

#define NDIS_RSS_TABLE_UNCHANGED	0x04u
#define NDIS_RSS_KEY_UNCHANGED		0x08u
#define NDIS_RSS_HASH_UNCHANGED		0x02u
#define NDIS_RSS_OFF			0x10u

#define NDIS_HASH_TOEPLITZ	0x0001u
#define NDIS_HASH_IPV4		0x0100u
#define NDIS_HASH_TCP_IPV4	0x0200u
#define NDIS_HASH_IPV6		0x0400u
#define NDIS_HASH_TCP_IPV6	0x1000u

#endif
