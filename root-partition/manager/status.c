/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the JSON that workers write; its content is not trusted. */
#include "manager/status.h"

#include <errno.h>
#include <string.h>

#include "manager/json_read.h"

static const char *const state_names[] = {
	[STATUS_STARTING] = "starting",
	[STATUS_RUNNING] = "running",
	[STATUS_PAUSED] = "paused",
	[STATUS_STOPPED] = "stopped",
	[STATUS_FAILED] = "failed",
};

#define STATES (sizeof(state_names) / sizeof(state_names[0]))

const char *
status_state_name(enum status_state state)
{
	return state_names[state];
}

int
status_parse(const uint8_t *json, size_t len, struct status *s, struct err *e)
{
	AUTO_JSON json_object *o = json_read_object(json, len, e);
	char state[16];

	memset(s, 0, sizeof(*s));
	if (o == NULL)
		return -1;
	json_read_text(o, "reason", s->reason, sizeof(s->reason));
	json_read_number(o, "pid", &s->pid);
	json_read_number(o, "started", &s->started);
	json_read_number(o, "ended", &s->ended);
	json_read_text(o, "state", state, sizeof(state));
	for (unsigned i = 0; i < STATES; i++)
		if (strcmp(state, state_names[i]) == 0) {
			s->state = (enum status_state)i;
			return 0;
		}
	return err_set(e, EPROTO, "not understood: state \"%s\"", state);
}

static void
exits_parse(const json_object *o, struct vp_stats *vp)
{
	struct json_object_iterator i = json_object_iter_begin(
	    (json_object *)(uintptr_t)o);
	struct json_object_iterator end = json_object_iter_end(
	    (json_object *)(uintptr_t)o);

	for (; !json_object_iter_equal(&i, &end); json_object_iter_next(&i)) {
		struct exit_stats *x = &vp->exits[vp->exit_kinds];
		const char *name = json_object_iter_peek_name(&i);

		if (vp->exit_kinds == STATUS_EXITS_MAX)
			break;
		if (!json_read_number(o, name, &x->count))
			continue;
		json_copy_printable(x->name, sizeof(x->name), name);
		vp->exit_kinds++;
	}
}

static int
vp_parse(const json_object *o, struct vp_stats *vp, struct err *e)
{
	json_object *exits;

	if (!json_object_is_type(o, json_type_object) ||
	    !json_read_number(o, "index", &vp->index))
		return err_set(e, EPROTO,
		    "not understood: figures of a VP without its index");
	json_read_number(o, "run_time_ns", &vp->run_time_ns);
	json_read_number(o, "hypercalls", &vp->hypercalls);
	if (json_object_object_get_ex(o, "exits", &exits) &&
	    json_object_is_type(exits, json_type_object))
		exits_parse(exits, vp);
	return 0;
}

int
stats_parse(const uint8_t *json, size_t len, struct partition_stats *s,
    struct err *e)
{
	AUTO_JSON json_object *o = json_read_object(json, len, e);
	json_object *vps;
	size_t n;

	memset(s, 0, sizeof(*s));
	if (o == NULL)
		return -1;
	json_read_number(o, "memory", &s->memory);
	s->has_resident = json_read_number(o, "resident", &s->resident);
	s->has_deposited = json_read_number(o, "deposited", &s->deposited);
	s->has_in_use = json_read_number(o, "in_use", &s->in_use);
	if (!json_object_object_get_ex(o, "vps", &vps) ||
	    !json_object_is_type(vps, json_type_array))
		return err_set(e, EPROTO, "not understood: no list of VPs");
	n = json_object_array_length(vps);
	if (n > STATUS_VPS_MAX)
		return err_set(e, EPROTO, "not understood: %zu VPs", n);
	for (size_t i = 0; i < n; i++, s->vps++)
		if (vp_parse(json_object_array_get_idx(vps, i), &s->vp[i],
			e) < 0)
			return -1;
	return 0;
}

int
reply_parse(const uint8_t *json, size_t len, struct err *e)
{
	AUTO_JSON json_object *o = json_read_object(json, len, e);

	return o != NULL ? json_read_reply(o, e) : -1;
}
