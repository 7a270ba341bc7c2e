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
	if (s->has_resident)
		json_add_number(o, "resident", s->resident);
	if (s->has_deposited)
		json_add_number(o, "deposited", s->deposited);
	if (s->has_in_use)
		json_add_number(o, "in_use", s->in_use);
	for (unsigned i = 0; i < s->vps; i++)
		json_object_array_add(vps, vp_object(&s->vp[i]));
	json_object_object_add(o, "vps", vps);
	return json_print(o, out, REPORT_SIZE_MAX);
}

static json_object *
flow_object(const struct channel_flow *f)
{
	json_object *o = json_object_new_object();

	json_add_number(o, "size", f->size);
	if (f->broken)
		json_add_bool(o, "broken", true);
	else
		json_add_number(o, "fill", f->fill);
	json_add_number(o, "packets", f->packets);
	json_add_number(o, "bytes", f->bytes);
	json_add_number(o, "signals", f->signals);
	return o;
}

static json_object *
channel_object(const struct channel_state *c)
{
	json_object *o = json_object_new_object();

	json_add_number(o, "relid", c->relid);
	json_add_text(o, "class", c->class_id);
	json_add_text(o, "instance", c->instance_id);
	json_add_number(o, "sub_channel", c->sub_channel);
	if (c->has_vp)
		json_add_number(o, "vp", c->vp);
	json_object_object_add(o, "from_guest",
	    flow_object(&c->from_guest));
	json_object_object_add(o, "to_guest", flow_object(&c->to_guest));
	json_add_number(o, "full", c->full);
	return o;
}

size_t
report_channels(const struct channel_state *channels, unsigned count,
    bool more, char out[REPORT_SIZE_MAX])
{
	json_object *o = json_answer(true);
	json_object *all = json_object_new_array();

	for (unsigned i = 0; i < count; i++)
		json_object_array_add(all, channel_object(&channels[i]));
	json_object_object_add(o, "channels", all);
	json_add_bool(o, "more", more);
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
