/* SPDX-License-Identifier: Apache-2.0 */
/* What the PVH entry calls. */
#include "lib/payload.h"

#define START_INFO_MAGIC 0x336ec578u

/* struct hvm_start_info of PVH, as far as it is read here. */
struct start_info {
	uint32_t magic, version, flags, module_count;
	uint64_t modules, cmdline, rsdp;
};
_Static_assert(sizeof(struct start_info) == 40, "PVH layout");

_Noreturn void payload_main(const struct start_info *info);

void
payload_main(const struct start_info *info)
{
	if (info->magic == START_INFO_MAGIC && info->cmdline != 0)
		payload_start((const char *)info->cmdline);
	payload_start("");
}
