/* SPDX-License-Identifier: Apache-2.0 */
/* Writing status and figures as JSON; manager/status.c reads them. */
#include "worker/report.h"

#include <json-c/json.h>
#include <string.h>

static void
add_text(json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

static void
add_number(json_object *o, const char *key, uint64_t n)
{
	json_object_object_add(o, key, json_object_new_uint64(n));
}

static json_object *
object_ok(bool ok)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "ok", json_object_new_boolean(ok));
	return o;
}

/* Takes @o. A text that is too long would be cut, and no JSON any more. */
static size_t
print(json_object *o, char out[REPORT_SIZE_MAX])
{
	size_t len;
	const char *text = json_object_to_json_string_length(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

	if (len >= REPORT_SIZE_MAX) {
		text = "{\"ok\":false,\"error\":\"the answer is too long\"}";
		len = strlen(text);
	}
	memcpy(out, text, len + 1);
	json_object_put(o);
	return len;
}

size_t
report_status(const struct status *s, char out[REPORT_SIZE_MAX])
{
	json_object *o = object_ok(true);

	add_text(o, "state", status_state_name(s->state));
	add_text(o, "reason", s->reason);
	add_number(o, "pid", s->pid);
	add_number(o, "started", s->started);
	if (s->ended != 0)
		add_number(o, "ended", s->ended);
	return print(o, out);
}

static json_object *
vp_object(const struct vp_stats *vp)
{
	json_object *o = json_object_new_object();
	json_object *exits = json_object_new_object();

	add_number(o, "index", vp->index);
	add_number(o, "run_time_ns", vp->run_time_ns);
	add_number(o, "hypercalls", vp->hypercalls);
	for (unsigned i = 0; i < vp->exit_kinds; i++)
		add_number(exits, vp->exits[i].name, vp->exits[i].count);
	json_object_object_add(o, "exits", exits);
	return o;
}

size_t
report_stats(const struct partition_stats *s, char out[REPORT_SIZE_MAX])
{
	json_object *o = object_ok(true);
	json_object *vps = json_object_new_array();

	add_number(o, "memory", s->memory);
	if (s->has_deposited)
		add_number(o, "deposited", s->deposited);
	if (s->has_in_use)
		add_number(o, "in_use", s->in_use);
	for (unsigned i = 0; i < s->vps; i++)
		json_object_array_add(vps, vp_object(&s->vp[i]));
	json_object_object_add(o, "vps", vps);
	return print(o, out);
}

size_t
report_done(char out[REPORT_SIZE_MAX])
{
	return print(object_ok(true), out);
}

size_t
report_refused(const char *why, char out[REPORT_SIZE_MAX])
{
	json_object *o = object_ok(false);

	add_text(o, "error", why);
	return print(o, out);
}
