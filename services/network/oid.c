/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of an adapter: queries and sets. */
#include "network/oid.h"

#include <assert.h>
#include <string.h>

#include "network/ndis_wire.h"
#include "network/nvsp_wire.h"
#include "network/rndis_wire.h"

#define LINK_SPEED	UINT32_C(100000000)	/* 10 Gbit/s, in 100 bit/s */
#define LSO_SIZE_MAX	65000u
#define LSO_SEGMENTS_MIN 2u
#define ADDRESS_DIGITS	12u

static const uint32_t supported[] = {
	OID_GEN_SUPPORTED_LIST, OID_GEN_HARDWARE_STATUS,
	OID_GEN_MEDIA_SUPPORTED, OID_GEN_MEDIA_IN_USE,
	OID_GEN_MAXIMUM_FRAME_SIZE, OID_GEN_LINK_SPEED,
	OID_GEN_CURRENT_PACKET_FILTER, OID_GEN_CURRENT_LOOKAHEAD,
	OID_GEN_MAXIMUM_TOTAL_SIZE, OID_GEN_MEDIA_CONNECT_STATUS,
	OID_GEN_RSS_CAPABILITIES, OID_GEN_RSS_PARAMETERS,
	OID_GEN_FRIENDLY_NAME, OID_GEN_CONFIG_PARAMETER,
	OID_802_3_PERMANENT_ADDRESS, OID_802_3_CURRENT_ADDRESS,
	OID_802_3_MULTICAST_LIST, OID_802_3_MAXIMUM_LIST_SIZE,
	OID_TCP_OFFLOAD_CURRENT_CONFIG, OID_TCP_OFFLOAD_PARAMETERS,
	OID_TCP_OFFLOAD_CAPABILITIES,
};

static uint32_t
give(uint8_t *out, size_t room, size_t *len, const void *bytes, size_t size)
{
	assert(size <= room);
	memcpy(out, bytes, size);
	*len = size;
	return RNDIS_STATUS_SUCCESS;
}

static void
offload_fill(const struct adapter *a, size_t size, struct ndis_offload *o)
{
	uint32_t four = NDIS_CHECKSUM_TCP | NDIS_CHECKSUM_TCP_OPT |
	    NDIS_CHECKSUM_UDP;
	uint32_t encap = NDIS_ENCAP_8023 | NDIS_ENCAP_8023_OOB;
	bool rsc = a->version >= NVSP_VERSION_61 &&
	    (a->capabilities & NVSP_CAPABILITY_RSC) != 0;

	memset(o, 0, sizeof(*o));
	o->head.type = NDIS_OBJECT_OFFLOAD;
	o->head.revision = size >= NDIS_OFFLOAD_SIZE_3 ? 3 :
	    size >= NDIS_OFFLOAD_SIZE_2 ? 2 : 1;
	o->head.size = (uint16_t)size;
	o->checksum = (struct ndis_checksum){
		.send4_encap = encap, .send4 = four,
		.receive4_encap = encap, .receive4 = four,
		.send6_encap = encap, .send6 = four | NDIS_CHECKSUM_IP6_EXT,
		.receive6_encap = encap,
		.receive6 = four | NDIS_CHECKSUM_IP6_EXT,
	};
	o->lso4_encap = encap;
	o->lso4_size = LSO_SIZE_MAX;
	o->lso4_segments = LSO_SEGMENTS_MIN;
	o->lso6_encap = encap;
	o->lso6_size = LSO_SIZE_MAX;
	o->lso6_segments = LSO_SEGMENTS_MIN;
	o->lso6_options = NDIS_LSO_IP6_EXT | NDIS_LSO_TCP6_OPT;
	o->rsc4 = rsc;
	o->rsc6 = rsc;
}

static uint32_t
offload_query(const struct adapter *a, size_t want, uint8_t *out,
    size_t room, size_t *len)
{
	struct ndis_offload o;
	size_t size = NDIS_OFFLOAD_SIZE_1;

	if (want >= NDIS_OFFLOAD_SIZE_3 && a->version >= NVSP_VERSION_5)
		size = NDIS_OFFLOAD_SIZE_3;
	else if (want >= NDIS_OFFLOAD_SIZE_2)
		size = NDIS_OFFLOAD_SIZE_2;
	offload_fill(a, size, &o);
	return give(out, room, len, &o, size);
}

static uint32_t
rss_query(const struct adapter *a, uint8_t *out, size_t room, size_t *len)
{
	struct ndis_rss_capabilities c = {
		.head = { NDIS_OBJECT_RSS_CAPABILITIES, 2, sizeof(c) },
		.flags = NDIS_HASH_TOEPLITZ | NDIS_HASH_IPV4 |
		    NDIS_HASH_TCP_IPV4 | NDIS_HASH_IPV6,
		.messages = a->config.queues,
		.queues = a->config.queues,
		.table_entries = RSS_TABLE_SIZE,
	};

	return give(out, room, len, &c, sizeof(c));
}

/* In UTF-16; our names are ASCII. */
static uint32_t
name_query(const struct adapter *a, uint8_t *out, size_t room, size_t *len)
{
	uint8_t wide[2 * ADAPTER_NAME_MAX] = { 0 };
	size_t n = 0;

	while (n < ADAPTER_NAME_MAX && a->config.name[n] != '\0') {
		wide[2 * n] = (uint8_t)a->config.name[n];
		n++;
	}
	return give(out, room, len, wide, 2 * n);
}

static bool
number_query(const struct adapter *a, uint32_t oid, uint32_t *value)
{
	switch (oid) {
	case OID_GEN_HARDWARE_STATUS:		/* ready */
	case OID_GEN_MEDIA_SUPPORTED:		/* 802.3 */
	case OID_GEN_MEDIA_IN_USE:
		*value = 0;
		return true;
	case OID_GEN_MAXIMUM_FRAME_SIZE:
	case OID_GEN_CURRENT_LOOKAHEAD:
		*value = a->config.mtu;
		return true;
	case OID_GEN_MAXIMUM_TOTAL_SIZE:
		*value = a->config.mtu + FRAME_HEADER;
		return true;
	case OID_GEN_LINK_SPEED:
		*value = LINK_SPEED;
		return true;
	case OID_GEN_CURRENT_PACKET_FILTER:
		*value = a->filter;
		return true;
	case OID_GEN_MEDIA_CONNECT_STATUS:
		*value = !a->link_up;
		return true;
	case OID_802_3_MAXIMUM_LIST_SIZE:
		*value = 1;
		return true;
	default:
		return false;
	}
}

uint32_t
oid_query(struct adapter *a, uint32_t oid, size_t want, uint8_t *out,
    size_t room, size_t *len)
{
	uint32_t value;

	*len = 0;
	if (oid == OID_GEN_MEDIA_CONNECT_STATUS)
		a->link_told = a->link_up;
	if (number_query(a, oid, &value))
		return give(out, room, len, &value, sizeof(value));
	switch (oid) {
	case OID_GEN_SUPPORTED_LIST:
		return give(out, room, len, supported, sizeof(supported));
	case OID_802_3_PERMANENT_ADDRESS:
	case OID_802_3_CURRENT_ADDRESS:
		return give(out, room, len, a->config.mac, FRAME_MAC);
	case OID_GEN_FRIENDLY_NAME:
		return name_query(a, out, room, len);
	case OID_TCP_OFFLOAD_CAPABILITIES:
	case OID_TCP_OFFLOAD_CURRENT_CONFIG:
		return offload_query(a, want, out, room, len);
	case OID_GEN_RSS_CAPABILITIES:
		return rss_query(a, out, room, len);
	default:
		return RNDIS_STATUS_NOT_SUPPORTED;
	}
}

static uint32_t
filter_set(struct adapter *a, const uint8_t *info, size_t len)
{
	if (len < sizeof(a->filter))
		return RNDIS_STATUS_INVALID_LENGTH;
	memcpy(&a->filter, info, sizeof(a->filter));
	return RNDIS_STATUS_SUCCESS;
}

/*
 * All but coalescing is decided packet by packet. Both kinds of it go together:
 * the port has one switch.
 */
static uint32_t
offload_set(struct adapter *a, const uint8_t *info, size_t len)
{
	struct ndis_object head;

	if (len < NDIS_PARAMETERS_SIZE_MIN)
		return RNDIS_STATUS_INVALID_LENGTH;
	memcpy(&head, info, sizeof(head));
	if (head.type != NDIS_OBJECT_DEFAULT)
		return RNDIS_STATUS_INVALID_DATA;
	if (len <= NDIS_PARAMETERS_RSC6)
		return RNDIS_STATUS_SUCCESS;
	if (info[NDIS_PARAMETERS_RSC4] == NDIS_PARAMETER_RSC_ON &&
	    info[NDIS_PARAMETERS_RSC6] == NDIS_PARAMETER_RSC_ON &&
	    (a->capabilities & NVSP_CAPABILITY_RSC) != 0)
		adapter_set_coalesce(a, true);
	else if (info[NDIS_PARAMETERS_RSC4] == NDIS_PARAMETER_OFF ||
	    info[NDIS_PARAMETERS_RSC6] == NDIS_PARAMETER_OFF)
		adapter_set_coalesce(a, false);
	return RNDIS_STATUS_SUCCESS;
}

/* One hexadecimal digit in UTF-16, or -1. */
static int
digit_read(const uint8_t *wide)
{
	static const char digits[] = "0123456789abcdef";
	const char *found;

	if (wide[0] == 0 || wide[1] != 0)
		return -1;
	found = strchr(digits, wide[0] | (wide[0] >= 'A' ? 0x20 : 0));
	return found == NULL ? -1 : (int)(found - digits);
}

static uint32_t
address_set(struct adapter *a, const uint8_t *wide)
{
	uint8_t mac[FRAME_MAC];

	for (size_t i = 0; i < FRAME_MAC; i++) {
		int high = digit_read(wide + 4 * i);
		int low = digit_read(wide + 4 * i + 2);

		if (high < 0 || low < 0)
			return RNDIS_STATUS_INVALID_DATA;
		mac[i] = (uint8_t)(high << 4 | low);
	}
	if (memcmp(mac, a->config.mac, FRAME_MAC) == 0)
		return RNDIS_STATUS_SUCCESS;
	if (!a->config.spoofing || (mac[0] & 1) != 0)
		return RNDIS_STATUS_NOT_ACCEPTED;
	memcpy(a->config.mac, mac, FRAME_MAC);
	return RNDIS_STATUS_SUCCESS;
}

/* "NetworkAddress" is the only parameter that means something here. */
static uint32_t
parameter_set(struct adapter *a, const uint8_t *info, size_t len)
{
	static const char name[] = "NetworkAddress";
	struct rndis_parameter p;

	if (len < sizeof(p))
		return RNDIS_STATUS_INVALID_LENGTH;
	memcpy(&p, info, sizeof(p));
	if (p.name_length != 2 * (sizeof(name) - 1) || p.name_offset > len ||
	    p.name_length > len - p.name_offset ||
	    p.type != RNDIS_PARAMETER_STRING ||
	    p.value_length != 2 * ADDRESS_DIGITS || p.value_offset > len ||
	    p.value_length > len - p.value_offset)
		return RNDIS_STATUS_INVALID_DATA;
	for (size_t i = 0; i < sizeof(name) - 1; i++)
		if (info[p.name_offset + 2 * i] != name[i] ||
		    info[p.name_offset + 2 * i + 1] != 0)
			return RNDIS_STATUS_INVALID_DATA;
	return address_set(a, info + p.value_offset);
}

uint32_t
oid_set(struct adapter *a, uint32_t oid, const uint8_t *info, size_t len)
{
	switch (oid) {
	case OID_GEN_CURRENT_PACKET_FILTER:
		return filter_set(a, info, len);
	case OID_TCP_OFFLOAD_PARAMETERS:
		return offload_set(a, info, len);
	case OID_GEN_RSS_PARAMETERS:
		return rss_set(&a->rss, info, len, a->granted + 1);
	case OID_GEN_CONFIG_PARAMETER:
		return parameter_set(a, info, len);
	case OID_GEN_CURRENT_LOOKAHEAD:
	case OID_802_3_MULTICAST_LIST:
		/* We look at whole frames, and deliver all multicasts. */
		return RNDIS_STATUS_SUCCESS;
	default:
		return RNDIS_STATUS_NOT_SUPPORTED;
	}
}
