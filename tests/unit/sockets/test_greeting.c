/* SPDX-License-Identifier: Apache-2.0 */
/* The line of a program that connects, in pieces and in error. */
#include <criterion/criterion.h>
#include <string.h>

#include "sockets/greeting.h"

static enum greeting_result
feed(const char *text, size_t *used, uint32_t *port)
{
	struct greeting g = { .len = 0 };

	return greeting_feed(&g, text, strlen(text), used, port);
}

Test(greeting, names_a_port)
{
	uint32_t port;
	size_t used;

	cr_expect_eq(feed("CONNECT 5000\n", &used, &port), GREETING_DONE);
	cr_expect_eq(port, 5000);
	cr_expect_eq(used, 13);
	cr_expect_eq(feed("CONNECT 4294967294\n", &used, &port),
	    GREETING_DONE);
	cr_expect_eq(port, 4294967294u);
}

Test(greeting, leaves_what_follows)
{
	uint32_t port;
	size_t used;

	cr_expect_eq(feed("CONNECT 1\nhello", &used, &port), GREETING_DONE);
	cr_expect_eq(used, 10);
}

Test(greeting, comes_in_pieces)
{
	static const char text[] = "CONNECT 5000\n";
	struct greeting g = { .len = 0 };
	uint32_t port;
	size_t used;

	for (size_t i = 0; i + 2 < sizeof(text); i++)
		cr_expect_eq(greeting_feed(&g, text + i, 1, &used, &port),
		    GREETING_MORE);
	cr_expect_eq(greeting_feed(&g, "\n", 1, &used, &port), GREETING_DONE);
	cr_expect_eq(port, 5000);
}

Test(greeting, is_refused_if_it_is_anything_else)
{
	static const char *const wrong[] = {
		"\n", "CONNECT\n", "CONNECT \n", "CONNECT x\n", "connect 1\n",
		"CONNECT 1 \n", "CONNECT -1\n", "CONNECT 4294967295\n",
		"CONNECT 99999999999\n", "CONNECT 1\r\n", "LISTEN 1\n",
		"CONNECT 00000000000000001",
	};
	uint32_t port;
	size_t used;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect_eq(feed(wrong[i], &used, &port), GREETING_WRONG,
		    "%s", wrong[i]);
}

Test(greeting, is_answered_with_a_port)
{
	char answer[GREETING_ANSWER_MAX];

	cr_expect_eq(greeting_answer(4294967294u, answer), 14);
	cr_expect_str_eq(answer, "OK 4294967294\n");
}
