/* SPDX-License-Identifier: Apache-2.0 */
/* Where things of a partition are: its files, sockets and unit. */
#ifndef MULLION_MANAGER_SITE_H
#define MULLION_MANAGER_SITE_H

#define SITE_PATH_MAX 4096
#define SITE_UNIT_MAX 64

/* The parent itself has the root ""; tests have a folder that looks like it. */
struct site {
	const char *root;
};

/* /etc/mullion/partitions, the folder with a file for each partition. */
void site_configs(const struct site *s, char out[SITE_PATH_MAX]);

/* The configuration file of @name. */
void site_config(const struct site *s, const char *name,
    char out[SITE_PATH_MAX]);

/* @file of the running or last run of @name; the folder when @file is "". */
void site_runtime(const struct site *s, const char *name, const char *file,
    char out[SITE_PATH_MAX]);

/* @file among the logs of @name; the folder when @file is "". */
void site_logs(const struct site *s, const char *name, const char *file,
    char out[SITE_PATH_MAX]);

/* The disk image that came with us under the name @image. */
void site_image(const struct site *s, const char *image,
    char out[SITE_PATH_MAX]);

/* The record of @name's disks; the folder of records when @name is "". */
void site_disks(const struct site *s, const char *name,
    char out[SITE_PATH_MAX]);

/* The socket of the service manager. */
void site_systemd(const struct site *s, char out[SITE_PATH_MAX]);

/* The systemd unit of @name. */
void site_unit(const char *name, char out[SITE_UNIT_MAX]);

#endif
