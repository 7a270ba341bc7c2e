/* SPDX-License-Identifier: Apache-2.0 */
/* Writing what the services know as JSON. */
#include "integration/report.h"

#include <string.h>

#include "manager/json_write.h"

#define NS_PER_TICK 100
#define NS_PER_US 1000

/* What is not known has no key. */
static void
add_known(json_object *o, const char *key, const char *text)
{
	if (text[0] != '\0')
		json_add_text(o, key, text);
}

size_t
report_done(char *out, size_t size)
{
	return json_print(json_answer(true), out, size);
}

size_t
report_refused(const struct err *e, char *out, size_t size)
{
	json_object *o = json_answer(false);

	json_add_text(o, "error", e->text);
	json_add_signed(o, "code", e->code);
	return json_print(o, out, size);
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
	json_object *o = json_answer(true);

	json_add_text(o, "heartbeat", heartbeat_state_name(s->heartbeat.state));
	json_add_signed(o, "missed", (int64_t)s->heartbeat.missed_total);
	json_object_object_add(o, "services", list_of_services(s));
	if (s->kvp.known)
		facts_add(o, &s->kvp.facts);
	if (t->has_drift)
		json_add_signed(o, "drift_ns", t->drift * NS_PER_TICK);
	if (t->round_trip != 0)
		json_add_signed(o, "round_trip_ns",
		    (int64_t)t->round_trip * NS_PER_US);
	json_add_signed(o, "clock_set", (int64_t)t->steps);
	json_add_bool(o, "frozen", s->vss.state == VSS_FROZEN);
	return json_print(o, out, size);
}

size_t
report_value(const char *value, char *out, size_t size)
{
	json_object *o = json_answer(true);

	json_add_text(o, "value", value);
	return json_print(o, out, size);
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
	json_object *o = json_answer(true);

	add_list(o, "addresses", j->value);
	add_list(o, "masks", j->masks);
	add_list(o, "gateways", j->gateways);
	add_list(o, "dns", j->dns);
	json_add_bool(o, "dhcp", j->dhcp);
	return json_print(o, out, size);
}
