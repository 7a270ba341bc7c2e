/* SPDX-License-Identifier: Apache-2.0 */
/* Writing what the services know as JSON. */
#include "integration/report.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_TICK 100
#define NS_PER_US 1000

static void
add_text(json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

/* What is not known has no key. */
static void
add_known(json_object *o, const char *key, const char *text)
{
	if (text[0] != '\0')
		add_text(o, key, text);
}

static void
add_number(json_object *o, const char *key, int64_t n)
{
	json_object_object_add(o, key, json_object_new_int64(n));
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
print(json_object *o, char *out, size_t size)
{
	size_t len;
	const char *text = json_object_to_json_string_length(o,
	    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

	if (len >= size) {
		text = "{\"ok\":false,\"error\":\"the answer is too long\"}";
		len = strlen(text);
	}
	memcpy(out, text, len + 1);
	json_object_put(o);
	return len;
}

size_t
report_done(char *out, size_t size)
{
	return print(object_ok(true), out, size);
}

size_t
report_refused(const struct err *e, char *out, size_t size)
{
	json_object *o = object_ok(false);

	add_text(o, "error", e->text);
	add_number(o, "code", e->code);
	return print(o, out, size);
}

static json_object *
list_of_services(struct services *s)
{
	json_object *list = json_object_new_array();

	for (unsigned i = 0; i < SERVICES; i++)
		if (services_ic(s, (enum service)i)->state == IC_READY)
			json_object_array_add(list, json_object_new_string(
			    service_name((enum service)i)));
	return list;
}

static void
facts_add(json_object *o, const struct facts *f)
{
	json_object *list = json_object_new_array();
	char os[3 * FACTS_TEXT_MAX];

	facts_os(f, os);
	add_known(o, "os", os);
	add_known(o, "kernel", f->kernel);
	add_known(o, "fqdn", f->fqdn);
	add_known(o, "architecture", f->architecture);
	for (unsigned i = 0; i < f->address_count; i++)
		json_object_array_add(list,
		    json_object_new_string(f->address[i]));
	json_object_object_add(o, "addresses", list);
}

size_t
report_status(struct services *s, char *out, size_t size)
{
	const struct timesync *t = &s->timesync;
	json_object *o = object_ok(true);

	add_text(o, "heartbeat", heartbeat_state_name(s->heartbeat.state));
	add_number(o, "missed", (int64_t)s->heartbeat.missed_total);
	json_object_object_add(o, "services", list_of_services(s));
	if (s->kvp.known)
		facts_add(o, &s->kvp.facts);
	if (t->has_drift)
		add_number(o, "drift_ns", t->drift * NS_PER_TICK);
	if (t->round_trip != 0)
		add_number(o, "round_trip_ns",
		    (int64_t)t->round_trip * NS_PER_US);
	add_number(o, "clock_set", (int64_t)t->steps);
	json_object_object_add(o, "frozen",
	    json_object_new_boolean(s->vss.state == VSS_FROZEN));
	return print(o, out, size);
}

size_t
report_value(const char *value, char *out, size_t size)
{
	json_object *o = object_ok(true);

	add_text(o, "value", value);
	return print(o, out, size);
}

/* From a list with semicolons between, or behind, its members. */
static void
add_list(json_object *o, const char *key, const char *members)
{
	json_object *list = json_object_new_array();

	while (*members != '\0') {
		size_t len = strcspn(members, ";");

		if (len > 0)
			json_object_array_add(list,
			    json_object_new_string_len(members, (int)len));
		members += len + (members[len] == ';');
	}
	json_object_object_add(o, key, list);
}

size_t
report_addresses(const struct kvp_job *j, char *out, size_t size)
{
	json_object *o = object_ok(true);

	add_list(o, "addresses", j->value);
	add_list(o, "masks", j->masks);
	add_list(o, "gateways", j->gateways);
	add_list(o, "dns", j->dns);
	json_object_object_add(o, "dhcp", json_object_new_boolean(j->dhcp));
	return print(o, out, size);
}
