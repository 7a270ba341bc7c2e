/* SPDX-License-Identifier: Apache-2.0 */
/* A raw channel of a partition, as one line of text says it. */
#ifndef MULLION_MANAGER_CONFIG_CHANNEL_H
#define MULLION_MANAGER_CONFIG_CHANNEL_H

#include "manager/err.h"

#define CONFIG_GUID_MAX 37	/* all four with the final NUL */
#define CONFIG_CHANNEL_NAME_MAX 33
#define CONFIG_USER_MAX 33
#define CONFIG_CHANNEL_TEXT_MAX 192

struct config_channel {
	char class_id[CONFIG_GUID_MAX];
	char instance_id[CONFIG_GUID_MAX];	/* empty: made up */
	char name[CONFIG_CHANNEL_NAME_MAX];	/* likewise */
	char user[CONFIG_USER_MAX];		/* empty: root */
};

/*
 * Read CLASS-GUID[,instance=GUID][,name=NAME][,user=USER]. EINVAL, with what is
 * wrong and what would be right, and *@c unchanged.
 */
int config_channel_parse(const char *text, struct config_channel *c,
    struct err *e);

/* Write @c as config_channel_parse() reads it. */
void config_channel_print(const struct config_channel *c,
    char out[CONFIG_CHANNEL_TEXT_MAX]);

/* The name and the instance of channel @index of a partition. */
void config_channel_name(const struct config_channel *c, unsigned index,
    char out[CONFIG_CHANNEL_NAME_MAX]);
void config_channel_instance(const struct config_channel *c, unsigned index,
    char out[CONFIG_GUID_MAX]);

#endif
