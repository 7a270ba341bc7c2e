/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the files, sockets and units of a partition. */
#include "manager/site.h"

#include <stdio.h>

void
site_configs(const struct site *s, char out[SITE_PATH_MAX])
{
	snprintf(out, SITE_PATH_MAX, "%s/etc/mullion/partitions", s->root);
}

void
site_config(const struct site *s, const char *name, char out[SITE_PATH_MAX])
{
	snprintf(out, SITE_PATH_MAX, "%s/etc/mullion/partitions/%s.conf", s->root,
	    name);
}

void
site_runtime(const struct site *s, const char *name, const char *file,
    char out[SITE_PATH_MAX])
{
	snprintf(out, SITE_PATH_MAX, "%s/run/mullion/%s/%s", s->root, name, file);
}

void
site_logs(const struct site *s, const char *name, const char *file,
    char out[SITE_PATH_MAX])
{
	snprintf(out, SITE_PATH_MAX, "%s/var/log/mullion/%s/%s", s->root, name,
	    file);
}

void
site_image(const struct site *s, const char *image, char out[SITE_PATH_MAX])
{
	snprintf(out, SITE_PATH_MAX, "%s/usr/share/mullion/disks/%s.img",
	    s->root, image);
}

void
site_disks(const struct site *s, const char *name, char out[SITE_PATH_MAX])
{
	snprintf(out, SITE_PATH_MAX, "%s/run/mullion-disks/%s", s->root,
	    name);
}

void
site_systemd(const struct site *s, char out[SITE_PATH_MAX])
{
	snprintf(out, SITE_PATH_MAX, "%s/run/systemd/private", s->root);
}

void
site_unit(const char *name, char out[SITE_UNIT_MAX])
{
	snprintf(out, SITE_UNIT_MAX, "mullion-worker@%s.service", name);
}
