/* SPDX-License-Identifier: Apache-2.0 */
/* Reading the JSON that workers write; its content is not trusted. */
#include "manager/status.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#define DEPTH_MAX 6

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

static void
cleanup_json(json_object **o)
{
	json_object_put(*o);
}

#define AUTO_JSON __attribute__((cleanup(cleanup_json)))

static bool
is_space(const uint8_t *text, size_t from, size_t len)
{
	for (; from < len; from++)
		if (strchr(" \t\r\n", text[from]) == NULL)
			return false;
	return true;
}

/* NULL unless @json is one whole JSON object. */
static json_object *
object_parse(const uint8_t *json, size_t len, struct err *e)
{
	json_tokener *t = json_tokener_new_ex(DEPTH_MAX);
	json_object *o;

	if (t == NULL || len > INT_MAX) {
		err_set(e, ENOMEM, "no memory for the worker's answer");
		json_tokener_free(t);
		return NULL;
	}
	o = json_tokener_parse_ex(t, (const char *)json, (int)len);
	if (!json_object_is_type(o, json_type_object) ||
	    !is_space(json, json_tokener_get_parse_end(t), len)) {
		err_set(e, EPROTO,
		    "not understood: the worker's answer is not a JSON object");
		json_object_put(o);
		o = NULL;
	}
	json_tokener_free(t);
	return o;
}

/* False, and *@out unchanged, unless there is such a natural number. */
static bool
get_number(const json_object *o, const char *key, uint64_t *out)
{
	json_object *v;

	if (!json_object_object_get_ex(o, key, &v) ||
	    !json_object_is_type(v, json_type_int) ||
	    json_object_get_int64(v) < 0)
		return false;
	*out = json_object_get_uint64(v);
	return true;
}

/* Copy text that is shown on terminals: nothing in it may command them. */
static void
copy_printable(char *out, size_t size, const char *in)
{
	size_t n = 0;

	for (; n < size - 1 && in[n] != '\0'; n++)
		out[n] = in[n] >= 0x20 && in[n] < 0x7f ? in[n] : '?';
	out[n] = '\0';
}

static void
get_text(const json_object *o, const char *key, char *out, size_t size)
{
	json_object *v;

	out[0] = '\0';
	if (json_object_object_get_ex(o, key, &v) &&
	    json_object_is_type(v, json_type_string))
		copy_printable(out, size, json_object_get_string(v));
}

int
status_parse(const uint8_t *json, size_t len, struct status *s, struct err *e)
{
	AUTO_JSON json_object *o = object_parse(json, len, e);
	char state[16];

	memset(s, 0, sizeof(*s));
	if (o == NULL)
		return -1;
	get_text(o, "reason", s->reason, sizeof(s->reason));
	get_number(o, "pid", &s->pid);
	get_number(o, "started", &s->started);
	get_number(o, "ended", &s->ended);
	get_text(o, "state", state, sizeof(state));
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
		if (!get_number(o, name, &x->count))
			continue;
		copy_printable(x->name, sizeof(x->name), name);
		vp->exit_kinds++;
	}
}

static int
vp_parse(const json_object *o, struct vp_stats *vp, struct err *e)
{
	json_object *exits;

	if (!json_object_is_type(o, json_type_object) ||
	    !get_number(o, "index", &vp->index))
		return err_set(e, EPROTO,
		    "not understood: figures of a VP without its index");
	get_number(o, "run_time_ns", &vp->run_time_ns);
	get_number(o, "hypercalls", &vp->hypercalls);
	if (json_object_object_get_ex(o, "exits", &exits) &&
	    json_object_is_type(exits, json_type_object))
		exits_parse(exits, vp);
	return 0;
}

int
stats_parse(const uint8_t *json, size_t len, struct partition_stats *s,
    struct err *e)
{
	AUTO_JSON json_object *o = object_parse(json, len, e);
	json_object *vps;
	size_t n;

	memset(s, 0, sizeof(*s));
	if (o == NULL)
		return -1;
	get_number(o, "memory", &s->memory);
	s->has_deposited = get_number(o, "deposited", &s->deposited);
	s->has_in_use = get_number(o, "in_use", &s->in_use);
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
	AUTO_JSON json_object *o = object_parse(json, len, e);
	char words[STATUS_REASON_MAX];
	json_object *ok;

	if (o == NULL)
		return -1;
	if (!json_object_object_get_ex(o, "ok", &ok) ||
	    !json_object_is_type(ok, json_type_boolean))
		return err_set(e, EPROTO,
		    "not understood: an answer that is neither yes nor no");
	if (json_object_get_boolean(ok))
		return 0;
	get_text(o, "error", words, sizeof(words));
	return err_set(e, EIO, "%s",
	    words[0] != '\0' ? words : "refused without a reason");
}
