/* SPDX-License-Identifier: Apache-2.0 */
/* Reading "CONNECT PORT", as other monitors' programs say it. */
#include "sockets/greeting.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sockets/port.h"

static const char word[] = "CONNECT ";

static enum greeting_result
line_read(const char *text, size_t len, uint32_t *port)
{
	const size_t skip = sizeof(word) - 1;
	uint64_t n = 0;

	if (len <= skip || memcmp(text, word, skip) != 0)
		return GREETING_WRONG;
	for (size_t i = skip; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return GREETING_WRONG;
		n = n * 10 + (uint64_t)(text[i] - '0');
	}
	if (n >= PORT_ANY)
		return GREETING_WRONG;
	*port = (uint32_t)n;
	return GREETING_DONE;
}

enum greeting_result
greeting_feed(struct greeting *g, const char *bytes, size_t len, size_t *used,
    uint32_t *port)
{
	for (*used = 0; *used < len;) {
		char c = bytes[(*used)++];

		if (c == '\n')
			return line_read(g->text, g->len, port);
		if (g->len == sizeof(g->text))
			return GREETING_WRONG;
		g->text[g->len++] = c;
	}
	return GREETING_MORE;
}

size_t
greeting_answer(uint32_t port, char out[GREETING_ANSWER_MAX])
{
	return (size_t)snprintf(out, GREETING_ANSWER_MAX, "OK %" PRIu32 "\n",
	    port);
}
