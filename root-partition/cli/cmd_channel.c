/* SPDX-License-Identifier: Apache-2.0 */
/* Commands about channels: list. */
#include "cli/render.h"
#include "cli/session.h"

int
cmd_channel_list(const struct invocation *inv, const char *name,
    struct err *e)
{
	static struct channel_state channels[CHANNELS_MAX];
	AUTO_SESSION struct session s = { 0 };
	unsigned count;

	if (session_begin(&s, inv, name, e) < 0)
		return -1;
	if (s.partition.state != PARTITION_PAUSED &&
	    session_need_running(&s, e) < 0)
		return -1;
	if (channels_list(s.site, name, channels, &count, e) < 0)
		return err_prefix(e, "%s", name);
	if (inv->value[OPTION_JSON] != NULL)
		channels_render_json(stdout, channels, count);
	else
		channels_render(stdout, channels, count);
	return 0;
}
