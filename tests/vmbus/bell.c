/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider for tests: offers one channel of a class that no driver knows,
 * says what happens to it, and sends a packet for each signal of the guest.
 *
 *	vmbus-bell RUN-FOLDER
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "vmbus/provider.h"

struct bell {
	sd_event *event;
	struct provider *provider;
	struct offer *offer;
};

static void
say(const char *what)
{
	printf("bell: %s\n", what);
	fflush(stdout);
}

static int
on_open(void *ctx, struct channel *c,
    const uint8_t user_data[MESSAGE_USER_DATA], struct err *e)
{
	(void)ctx;
	(void)c;
	(void)user_data;
	(void)e;
	say("open");
	return 0;
}

static void
on_receive(void *ctx, struct channel *c)
{
	static const char answer[8] = "ringing";
	struct packet p;

	(void)ctx;
	while (channel_receive(c, &p) == CHANNEL_OK)
		say("packet");
	say("rung");
	if (channel_send_in_band(c, 1, false, answer, sizeof(answer)) !=
	    CHANNEL_OK)
		say("no room");
}

static void
on_close(void *ctx, struct channel *c)
{
	struct bell *b = ctx;

	(void)c;
	say("closed");
	offer_closed(b->offer);
}

static void
on_released(void *ctx, int status)
{
	const struct bell *b = ctx;

	printf("bell: released, status %d\n", status);
	sd_event_exit(b->event, status == 0 ? EXIT_SUCCESS : EXIT_FAILURE);
}

static void
on_lost(void *ctx, const struct err *why)
{
	const struct bell *b = ctx;

	printf("bell: lost: %s\n", why->text);
	sd_event_exit(b->event, EXIT_SUCCESS);
}

static void
on_event(void *ctx, enum provider_event_kind kind, uint32_t value)
{
	(void)ctx;
	printf("bell: event %d, %#x\n", (int)kind, value);
	fflush(stdout);
}

static const struct provider_ops provider_ops = {
	.lost = on_lost,
	.event = on_event,
};

static const struct offer_ops offer_ops = {
	.open = on_open,
	.receive = on_receive,
	.close = on_close,
	.released = on_released,
};

static int
run(struct bell *b, const char *folder, struct err *e)
{
	struct offer_setup setup = { .packet_max = PACKET_LINUX_MAX };

	if (!guid_parse("b311b311-0000-4000-8000-000000000001",
	    &setup.class_id) ||
	    !guid_parse("b311b311-0000-4000-8000-000000000002",
	    &setup.instance_id))
		return err_set(e, EXIT_FAILURE, "no GUID");
	b->provider = provider_connect(b->event, folder, PROVIDER_KEYBOARD,
	    &provider_ops, b, e);
	if (b->provider == NULL ||
	    provider_sandbox(b->provider, NULL, 0, e) < 0)
		return -1;
	b->offer = provider_offer(b->provider, &setup, &offer_ops, b, e);
	if (b->offer == NULL)
		return -1;
	say("offered");
	return sd_event_loop(b->event);
}

int
main(int argc, char **argv)
{
	static struct bell b;
	struct err e = { .code = 0 };
	int status;

	if (argc != 2 || sd_event_new(&b.event) < 0) {
		fprintf(stderr, "usage: vmbus-bell RUN-FOLDER\n");
		return EXIT_FAILURE;
	}
	status = run(&b, argv[1], &e);
	if (status < 0)
		fprintf(stderr, "vmbus-bell: %s\n", e.text);
	return status == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
