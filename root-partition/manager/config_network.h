/* SPDX-License-Identifier: Apache-2.0 */
/* A network adapter of a partition, as one line of text says it. */
#ifndef MULLION_MANAGER_CONFIG_NETWORK_H
#define MULLION_MANAGER_CONFIG_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "manager/err.h"

#define CONFIG_BRIDGE_MAX 16	   /* with the final NUL; Linux's limit */
#define CONFIG_MAC_SIZE 6
#define CONFIG_MAC_TEXT_MAX 18	   /* with the final NUL */
#define CONFIG_NETWORK_TEXT_MAX 320 /* with the final NUL */
#define CONFIG_PUBLISH_MAX 8
#define CONFIG_PUBLISH_TEXT_MAX 16 /* with the final NUL */
#define CONFIG_VLAN_MAX 4094
#define CONFIG_RATE_MIN UINT64_C(64000)		/* bits a second */
#define CONFIG_RATE_MAX UINT64_C(40000000000)

/* Stands for the bridge that the parent's image has. */
#define CONFIG_BRIDGE_DEFAULT "default"
#define CONFIG_BRIDGE_DEFAULT_DEVICE "mullion0"

/* A port of the parent that leads to one of the guest. */
struct config_publish {
	bool udp;		      /* else TCP */
	uint16_t port;		      /* of the parent */
	uint16_t to;		      /* of the guest */
};

struct config_network {
	char bridge[CONFIG_BRIDGE_MAX]; /* its name, or "default" */
	bool has_mac;
	uint8_t mac[CONFIG_MAC_SIZE]; /* else from name and number */
	unsigned vlan;		      /* 0: the bridge's own */
	uint64_t rate;		      /* bits a second each way; 0: none */
	bool spoofing;		      /* it may send from other addresses */
	unsigned publish_count;
	struct config_publish publish[CONFIG_PUBLISH_MAX];
};

/*
 * Read BRIDGE[,mac=MAC][,vlan=N][,rate=N[K|M|G]][,spoofing=yes|no] and, as
 * often as wanted, [,publish=PORT:PORT[/tcp|/udp]]. EINVAL, with what is wrong
 * and what would be right, and *@n unchanged.
 */
int config_network_parse(const char *text, struct config_network *n,
    struct err *e);

/* Write @n as config_network_parse() reads it, without what is the default. */
void config_network_print(const struct config_network *n,
    char out[CONFIG_NETWORK_TEXT_MAX]);

/* The same for one published port, like 8080:80 or 53:53/udp. */
void config_publish_print(const struct config_publish *p,
    char out[CONFIG_PUBLISH_TEXT_MAX]);

/* The device behind what the configuration calls the bridge. */
const char *config_network_device(const struct config_network *n);

/* The address of adapter @index of partition @name, given or made up. */
void config_network_mac(const struct config_network *n, const char *name,
    unsigned index, uint8_t mac[CONFIG_MAC_SIZE]);

void config_mac_format(const uint8_t mac[CONFIG_MAC_SIZE],
    char out[CONFIG_MAC_TEXT_MAX]);

#endif
