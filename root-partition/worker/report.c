/* SPDX-License-Identifier: Apache-2.0 */
/* Writing status and figures as JSON; manager/status.c reads them. */
#include "worker/report.h"

#include "manager/json_write.h"

size_t
report_status(const struct status *s, char out[REPORT_SIZE_MAX])
{
	json_object *o = json_answer(true);

	json_add_text(o, "state", status_state_name(s->state));
	json_add_text(o, "reason", s->reason);
	json_add_number(o, "pid", s->pid);
	json_add_number(o, "started", s->started);
	if (s->ended != 0)
		json_add_number(o, "ended", s->ended);
	return json_print(o, out, REPORT_SIZE_MAX);
}

static json_object *
vp_object(const struct vp_stats *vp)
{
	json_object *o = json_object_new_object();
	json_object *exits = json_object_new_object();

	json_add_number(o, "index", vp->index);
	json_add_number(o, "run_time_ns", vp->run_time_ns);
	json_add_number(o, "hypercalls", vp->hypercalls);
	for (unsigned i = 0; i < vp->exit_kinds; i++)
		json_add_number(exits, vp->exits[i].name, vp->exits[i].count);
	json_object_object_add(o, "exits", exits);
	return o;
}

size_t
report_stats(const struct partition_stats *s, char out[REPORT_SIZE_MAX])
{
	json_object *o = json_answer(true);
	json_object *vps = json_object_new_array();

	json_add_number(o, "memory", s->memory);
	if (s->has_deposited)
		json_add_number(o, "deposited", s->deposited);
	if (s->has_in_use)
		json_add_number(o, "in_use", s->in_use);
	for (unsigned i = 0; i < s->vps; i++)
		json_object_array_add(vps, vp_object(&s->vp[i]));
	json_object_object_add(o, "vps", vps);
	return json_print(o, out, REPORT_SIZE_MAX);
}

size_t
report_done(char out[REPORT_SIZE_MAX])
{
	return json_print(json_answer(true), out, REPORT_SIZE_MAX);
}

size_t
report_refused(const char *why, char out[REPORT_SIZE_MAX])
{
	json_object *o = json_answer(false);

	json_add_text(o, "error", why);
	return json_print(o, out, REPORT_SIZE_MAX);
}
