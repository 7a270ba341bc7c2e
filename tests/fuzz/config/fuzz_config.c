/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds bytes to the parser of configuration files. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "manager/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted must be written so that it is read back the same. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct config c, again;
	char text[CONFIG_TEXT_MAX];
	struct err e = { 0 };
	size_t len;

	if (config_parse(data, size, &c, &e) < 0) {
		assert(e.code != 0 && e.text[0] != '\0');
		return 0;
	}
	assert(c.cpus >= 1 && c.cpus <= CONFIG_CPUS_MAX);
	assert(c.memory >= CONFIG_MEMORY_MIN &&
	    c.memory <= CONFIG_MEMORY_MAX);
	assert(c.kernel[0] == '/');
	len = config_format(&c, text);
	assert(len < sizeof(text) && strlen(text) == len);
	assert(config_parse((const uint8_t *)text, len, &again, &e) == 0);
	assert(again.cpus == c.cpus && again.memory == c.memory &&
	    again.console == c.console &&
	    again.start_at_boot == c.start_at_boot &&
	    strcmp(again.kernel, c.kernel) == 0 &&
	    strcmp(again.initrd, c.initrd) == 0 &&
	    strcmp(again.cmdline, c.cmdline) == 0 &&
	    again.disk_count == c.disk_count &&
	    memcmp(again.disks, c.disks, sizeof(c.disks)) == 0 &&
	    again.network_count == c.network_count &&
	    memcmp(again.networks, c.networks, sizeof(c.networks)) == 0);
	return 0;
}
