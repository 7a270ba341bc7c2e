/* SPDX-License-Identifier: Apache-2.0 */
/* GUIDs as text and on the wire. */
#include <criterion/criterion.h>

#include "vmbus/guid.h"

static const struct guid network = GUID(0xf8615163, 0xdf3e, 0x46c5, 0x91,
    0x3f, 0xf2, 0xd2, 0xf9, 0x65, 0xed, 0x0e);
#define NETWORK_TEXT "f8615163-df3e-46c5-913f-f2d2f965ed0e"

Test(guid, has_its_first_groups_in_little_endian)
{
	static const uint8_t start[] = { 0x63, 0x51, 0x61, 0xf8, 0x3e, 0xdf,
		0xc5, 0x46, 0x91, 0x3f };

	cr_expect_arr_eq(network.bytes, start, sizeof(start));
}

Test(guid, is_the_same_after_text_and_back)
{
	char text[GUID_TEXT_SIZE];
	struct guid g;

	guid_format(&network, text);
	cr_expect_str_eq(text, NETWORK_TEXT);
	cr_assert(guid_parse(text, &g));
	cr_expect_eq(guid_compare(&g, &network), 0);
}

Test(guid, is_read_in_upper_case)
{
	struct guid g;

	cr_assert(guid_parse("F8615163-DF3E-46C5-913F-F2D2F965ED0E", &g));
	cr_expect_eq(guid_compare(&g, &network), 0);
}

Test(guid, refuses_all_other_text)
{
	static const char *const wrong[] = {
		"", "f", NETWORK_TEXT "0", " " NETWORK_TEXT,
		"f8615163-df3e-46c5-913f-f2d2f965ed0",
		"f8615163-df3e-46c5-913f-f2d2f965ed0g",
		"f8615163+df3e-46c5-913f-f2d2f965ed0e",
		"{f8615163-df3e-46c5-913f-f2d2f965ed0e}",
		"f8615163df3e46c5913ff2d2f965ed0e",
	};
	struct guid g = network;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_not(guid_parse(wrong[i], &g), "%s", wrong[i]);
	cr_expect_eq(guid_compare(&g, &network), 0);
}
