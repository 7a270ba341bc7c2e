/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing what is said of one network adapter. */
#include "manager/config_network.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define BRIDGE_CHARACTERS \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
#define MAC_TEXT (CONFIG_MAC_TEXT_MAX - 1)
#define GROUP_BIT 1	/* of an address's first byte */
#define LOCAL_BIT 2

struct word {
	const char *text;
	size_t len;
};

enum option {
	OPTION_MAC,
	OPTION_VLAN,
	OPTION_RATE,
	OPTION_SPOOFING,
	OPTION_PUBLISH,
	OPTIONS,
};

static const char *const option_names[OPTIONS] = {
	[OPTION_MAC] = "mac",
	[OPTION_VLAN] = "vlan",
	[OPTION_RATE] = "rate",
	[OPTION_SPOOFING] = "spoofing",
	[OPTION_PUBLISH] = "publish",
};

static bool
word_is(struct word w, const char *text)
{
	return strlen(text) == w.len && memcmp(text, w.text, w.len) == 0;
}

static int
word_shown(struct word w)
{
	return w.len > 40 ? 40 : (int)w.len;
}

/* How many characters of @w are a number, at most 11; the number. */
static size_t
number_read(struct word w, uint64_t *n)
{
	size_t digits = 0;

	*n = 0;
	while (digits < w.len && digits < 11 &&
	    isdigit((unsigned char)w.text[digits]))
		*n = *n * 10 + (uint64_t)(w.text[digits++] - '0');
	return digits;
}

static bool
mac_read(struct word w, uint8_t mac[CONFIG_MAC_SIZE])
{
	static const char digits[] = "0123456789abcdef";

	if (w.len != MAC_TEXT)
		return false;
	for (size_t i = 0; i < MAC_TEXT; i++) {
		int c = tolower((unsigned char)w.text[i]);
		const char *found = strchr(digits, c);

		if (i % 3 == 2) {
			if (c != ':')
				return false;
			continue;
		}
		if (found == NULL)
			return false;
		mac[i / 3] = (uint8_t)(mac[i / 3] << 4 | (found - digits));
	}
	return true;
}

static int
set_mac(struct config_network *n, struct word w, struct err *e)
{
	if (!mac_read(w, n->mac))
		return err_set(e, EINVAL,
		    "network: mac \"%.*s\" is not of the form "
		    "02:00:00:12:34:56", word_shown(w), w.text);
	if ((n->mac[0] & GROUP_BIT) != 0)
		return err_set(e, EINVAL,
		    "network: mac %.*s is that of a group: make the second "
		    "digit even", word_shown(w), w.text);
	n->has_mac = true;
	return 0;
}

static int
set_vlan(struct config_network *n, struct word w, struct err *e)
{
	uint64_t id;

	if (number_read(w, &id) != w.len || w.len == 0 || id < 1 ||
	    id > CONFIG_VLAN_MAX)
		return err_set(e, EINVAL,
		    "network: vlan \"%.*s\" is not a number from 1 to %d",
		    word_shown(w), w.text, CONFIG_VLAN_MAX);
	n->vlan = (unsigned)id;
	return 0;
}

static int
set_rate(struct config_network *n, struct word w, struct err *e)
{
	static const char units[] = "KMG";
	uint64_t rate, factor = 1;
	size_t digits = number_read(w, &rate);
	const char *unit = digits + 1 == w.len ?
	    strchr(units, toupper((unsigned char)w.text[digits])) : NULL;

	if (unit != NULL)
		for (const char *u = units; u <= unit; u++)
			factor *= 1000;
	if (digits == 0 || (digits != w.len && unit == NULL))
		return err_set(e, EINVAL,
		    "network: rate \"%.*s\" is not a number of bits a second, "
		    "such as 800K, 100M or 2G", word_shown(w), w.text);
	if (rate > CONFIG_RATE_MAX / factor ||
	    rate * factor < CONFIG_RATE_MIN)
		return err_set(e, EINVAL,
		    "network: rate %.*s is not from 64K to 40G",
		    word_shown(w), w.text);
	n->rate = rate * factor;
	return 0;
}

static int
set_spoofing(struct config_network *n, struct word w, struct err *e)
{
	if (!word_is(w, "yes") && !word_is(w, "no"))
		return err_set(e, EINVAL,
		    "network: spoofing \"%.*s\" is neither \"yes\" nor \"no\"",
		    word_shown(w), w.text);
	n->spoofing = word_is(w, "yes");
	return 0;
}

/* A port at the start of @w, and how long it is; 0: there is none. */
static size_t
port_read(struct word w, uint16_t *port)
{
	uint64_t n;
	size_t digits = number_read(w, &n);

	if (n < 1 || n > UINT16_MAX)
		return 0;
	*port = (uint16_t)n;
	return digits;
}

static bool
publish_read(struct word w, struct config_publish *p)
{
	size_t len = port_read(w, &p->port);

	if (len == 0 || len == w.len || w.text[len] != ':')
		return false;
	w = (struct word){ w.text + len + 1, w.len - len - 1 };
	len = port_read(w, &p->to);
	if (len == 0)
		return false;
	w = (struct word){ w.text + len, w.len - len };
	p->udp = word_is(w, "/udp");
	return p->udp || w.len == 0 || word_is(w, "/tcp");
}

static int
set_publish(struct config_network *n, struct word w, struct err *e)
{
	struct config_publish new;

	if (!publish_read(w, &new))
		return err_set(e, EINVAL,
		    "network: publish \"%.*s\" is not of the form 8080:80 or "
		    "53:53/udp: a port of the parent and one of the guest",
		    word_shown(w), w.text);
	for (unsigned i = 0; i < n->publish_count; i++)
		if (n->publish[i].port == new.port &&
		    n->publish[i].udp == new.udp)
			return err_set(e, EINVAL,
			    "network: port %u was published twice", new.port);
	if (n->publish_count == CONFIG_PUBLISH_MAX)
		return err_set(e, EINVAL,
		    "network: there are more than %d published ports",
		    CONFIG_PUBLISH_MAX);
	n->publish[n->publish_count++] = new;
	return 0;
}

static int
option_set(struct config_network *n, enum option option, struct word w,
    struct err *e)
{
	switch (option) {
	case OPTION_MAC:
		return set_mac(n, w, e);
	case OPTION_VLAN:
		return set_vlan(n, w, e);
	case OPTION_RATE:
		return set_rate(n, w, e);
	case OPTION_PUBLISH:
		return set_publish(n, w, e);
	default:
		return set_spoofing(n, w, e);
	}
}

/* @seen has a bit for each option that was said before. */
static int
option_parse(struct config_network *n, struct word w, unsigned *seen,
    struct err *e)
{
	const char *equals = memchr(w.text, '=', w.len);
	struct word name = w, value;

	for (unsigned i = 0; equals != NULL && i < OPTIONS; i++) {
		name.len = (size_t)(equals - w.text);
		value = (struct word){ equals + 1, w.len - name.len - 1 };
		if (!word_is(name, option_names[i]))
			continue;
		if (i != OPTION_PUBLISH && (*seen & 1U << i) != 0)
			return err_set(e, EINVAL,
			    "network: %s was said twice", option_names[i]);
		*seen |= 1U << i;
		return option_set(n, (enum option)i, value, e);
	}
	return err_set(e, EINVAL,
	    "network: after the bridge and a comma may follow mac=, vlan=, "
	    "rate=, spoofing= and publish=, but not \"%.*s\"", word_shown(w),
	    w.text);
}

int
config_network_parse(const char *text, struct config_network *n,
    struct err *e)
{
	struct config_network new = { .vlan = 0 };
	size_t len = strcspn(text, ",");
	unsigned seen = 0;

	if (len == 0 || len >= CONFIG_BRIDGE_MAX ||
	    strspn(text, BRIDGE_CHARACTERS) < len || text[0] == '.')
		return err_set(e, EINVAL,
		    "network: \"%.40s\" does not begin with the name of a "
		    "bridge, such as \"%s\"", text, CONFIG_BRIDGE_DEFAULT);
	memcpy(new.bridge, text, len);
	for (const char *at = text + len; *at != '\0'; at += len) {
		at++;
		len = strcspn(at, ",");
		if (option_parse(&new, (struct word){ at, len }, &seen, e) < 0)
			return -1;
	}
	*n = new;
	return 0;
}

void
config_mac_format(const uint8_t mac[CONFIG_MAC_SIZE],
    char out[CONFIG_MAC_TEXT_MAX])
{
	snprintf(out, CONFIG_MAC_TEXT_MAX, "%02x:%02x:%02x:%02x:%02x:%02x",
	    mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
}

void
config_publish_print(const struct config_publish *p,
    char out[CONFIG_PUBLISH_TEXT_MAX])
{
	snprintf(out, CONFIG_PUBLISH_TEXT_MAX, "%u:%u%s", p->port, p->to,
	    p->udp ? "/udp" : "");
}

void
config_network_print(const struct config_network *n,
    char out[CONFIG_NETWORK_TEXT_MAX])
{
	static const char *const units[] = { "", "K", "M", "G" };
	char mac[CONFIG_MAC_TEXT_MAX] = "", vlan[24] = "", rate[32] = "";
	uint64_t value = n->rate;
	unsigned unit = 0;
	size_t len;

	while (unit < 3 && value != 0 && value % 1000 == 0) {
		value /= 1000;
		unit++;
	}
	if (n->has_mac)
		config_mac_format(n->mac, mac);
	if (n->vlan != 0)
		snprintf(vlan, sizeof(vlan), ",vlan=%u", n->vlan);
	if (n->rate != 0)
		snprintf(rate, sizeof(rate), ",rate=%" PRIu64 "%s", value,
		    units[unit]);
	len = (size_t)snprintf(out, CONFIG_NETWORK_TEXT_MAX, "%s%s%s%s%s%s",
	    n->bridge, n->has_mac ? ",mac=" : "", mac, vlan, rate,
	    n->spoofing ? ",spoofing=yes" : "");
	for (unsigned i = 0; i < n->publish_count; i++) {
		char text[CONFIG_PUBLISH_TEXT_MAX];

		config_publish_print(&n->publish[i], text);
		len += (size_t)snprintf(out + len,
		    CONFIG_NETWORK_TEXT_MAX - len, ",publish=%s", text);
	}
}

const char *
config_network_device(const struct config_network *n)
{
	return strcmp(n->bridge, CONFIG_BRIDGE_DEFAULT) == 0 ?
	    CONFIG_BRIDGE_DEFAULT_DEVICE : n->bridge;
}

/* FNV-1a: the same address in every run. */
void
config_network_mac(const struct config_network *n, const char *name,
    unsigned index, uint8_t mac[CONFIG_MAC_SIZE])
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	if (n->has_mac) {
		memcpy(mac, n->mac, CONFIG_MAC_SIZE);
		return;
	}
	for (const char *c = name; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
	hash = (hash ^ index) * UINT64_C(0x100000001b3);
	mac[0] = LOCAL_BIT;
	for (unsigned i = 1; i < CONFIG_MAC_SIZE; i++)
		mac[i] = (uint8_t)(hash >> 8 * i);
}
