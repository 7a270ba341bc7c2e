/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what a provider writes, which in part a guest has written. */
#include "manager/guest_status.h"

#include <errno.h>
#include <string.h>

#include "manager/json_read.h"

int
guest_status_parse(const uint8_t *json, size_t len, struct guest_status *out,
    struct err *e)
{
	AUTO_JSON json_object *o = json_read_object(json, len, e);

	memset(out, 0, sizeof(*out));
	if (o == NULL || json_read_reply(o, e) < 0)
		return -1;
	json_read_text(o, "heartbeat", out->heartbeat,
	    sizeof(out->heartbeat));
	if (out->heartbeat[0] == '\0')
		return err_set(e, EPROTO, "not understood: no heartbeat");
	json_read_number(o, "missed", &out->missed);
	out->service_count = json_read_texts(o, "services", out->service[0],
	    GUEST_SERVICE_MAX, GUEST_SERVICES_MAX);
	json_read_text(o, "os", out->os, sizeof(out->os));
	json_read_text(o, "kernel", out->kernel, sizeof(out->kernel));
	json_read_text(o, "fqdn", out->fqdn, sizeof(out->fqdn));
	json_read_text(o, "architecture", out->architecture,
	    sizeof(out->architecture));
	out->address_count = json_read_texts(o, "addresses", out->address[0],
	    GUEST_ADDRESS_MAX, GUEST_ADDRESSES_MAX);
	out->has_drift = json_read_signed(o, "drift_ns", &out->drift_ns);
	out->frozen = json_read_bool(o, "frozen");
	return 0;
}
