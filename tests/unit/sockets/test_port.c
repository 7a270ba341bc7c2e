/* SPDX-License-Identifier: Apache-2.0 */
/* Ports and GUIDs. */
#include <criterion/criterion.h>

#include "sockets/port.h"

Test(port, is_the_first_group_of_its_guid)
{
	struct guid g = port_guid(5000);
	char text[GUID_TEXT_SIZE];

	guid_format(&g, text);
	cr_expect_str_eq(text, "00001388-facb-11e6-bd58-64006a7986d3");
}

Test(port, is_found_in_its_guid)
{
	static const uint32_t ports[] = { 0, 1, 5000, 0xfffffffe };

	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		struct guid g = port_guid(ports[i]);
		uint32_t port;

		cr_expect(port_of_guid(&g, &port));
		cr_expect_eq(port, ports[i]);
	}
}

Test(port, is_in_no_other_guid)
{
	struct guid g = port_guid(PORT_ANY);
	uint32_t port;

	cr_expect_not(port_of_guid(&g, &port), "nobody has this port");
	for (size_t i = 4; i < sizeof(g); i++) {
		g = port_guid(5000);
		g.bytes[i] ^= 1;
		cr_expect_not(port_of_guid(&g, &port));
	}
}

Test(port, of_the_host_is_shown_in_a_unique_instance)
{
	static const uint8_t unique[12] = "unique bytes";
	struct guid g = port_instance(0x40000001, unique);

	cr_expect_arr_eq(g.bytes, "\x01\x00\x00\x40unique bytes", 16);
}

Test(port, is_offered_as_a_pipe_with_its_direction)
{
	struct guid class_id = port_guid(1), instance_id = port_guid(2);
	struct offer_setup setup;

	port_offer(&setup, PORT_FROM_HOST, &class_id, &instance_id);
	cr_expect_eq(setup.flags, 0x2011);
	cr_expect(setup.duplex);
	cr_expect_eq(setup.user_data[0], 0, "bytes, no messages");
	cr_expect_eq(setup.user_data[4], 1);
	port_offer(&setup, PORT_FROM_GUEST, &class_id, &instance_id);
	cr_expect_eq(setup.user_data[4], 0);
	cr_expect_eq(guid_compare(&setup.class_id, &class_id), 0);
	cr_expect_eq(guid_compare(&setup.instance_id, &instance_id), 0);
}
