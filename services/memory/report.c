/* SPDX-License-Identifier: Apache-2.0 */
/* Figures leave here in bytes. */
#include "memory/report.h"

#include "manager/json_write.h"

static void
add_pages(json_object *o, const char *key, uint64_t pages)
{
	json_add_number(o, key, pages * DM_PAGE);
}

size_t
report_status(const struct dm *d, uint64_t resident, char out[REPORT_MAX])
{
	json_object *o = json_answer(true);
	uint64_t demanded;

	json_add_text(o, "driver", dm_state_name(d->state));
	if (d->has_figures) {
		add_pages(o, "assigned", dm_assigned(d));
		add_pages(o, "given_up", d->given_up);
	}
	if (dm_demanded(d, &demanded)) {
		add_pages(o, "demanded", demanded);
		add_pages(o, "available", d->available);
	}
	json_add_number(o, "resident", resident);
	add_pages(o, "min", d->min);
	add_pages(o, "max", d->max);
	return json_print(o, out, REPORT_MAX);
}

size_t
report_done(const struct dm *d, char out[REPORT_MAX])
{
	json_object *o = json_answer(true);

	add_pages(o, "assigned", dm_assigned(d));
	return json_print(o, out, REPORT_MAX);
}

size_t
report_refused(const struct err *e, char out[REPORT_MAX])
{
	json_object *o = json_answer(false);

	json_add_text(o, "error", e->text);
	json_add_number(o, "code", (uint64_t)(e->code > 0 ? e->code : 0));
	return json_print(o, out, REPORT_MAX);
}
