/* SPDX-License-Identifier: Apache-2.0 */
/* The whole process but its main(), between a made-up worker and clients. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "fake_provider.h"
#include "integration/integration.h"

static struct integration g;
static sd_event *event;
static char dir[] = "/tmp/mullion-integration-XXXXXX";
static char text[4096];

static void
set_up(void)
{
	struct err e = { 0 };

	cr_assert_not_null(mkdtemp(dir));
	cr_assert_geq(sd_event_new(&event), 0);
	cr_assert_eq(integration_begin(&g, event, dir, &e), 0, "%s", e.text);
}

static void
tear_down(void)
{
	char path[64];

	integration_end(&g);
	sd_event_unref(event);
	snprintf(path, sizeof(path), "%s/" INTEGRATION_SOCKET, dir);
	unlink(path);
	rmdir(dir);
}

TestSuite(integration, .init = set_up, .fini = tear_down, .timeout = 30);

/* All that is there to be done. */
static void
turn(void)
{
	while (sd_event_run(event, 0) > 0)
		continue;
}

static int
client(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/" INTEGRATION_SOCKET,
	    dir);
	cr_assert_eq(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

static void
ask(int fd, const char *json)
{
	cr_assert_gt(send(fd, json, strlen(json), 0), 0);
	turn();
}

/* The reply, or "" while there is none. */
static const char *
reply(int fd)
{
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static struct offer *
open_service(enum service which)
{
	struct offer *o = &fake.offer[which];

	fake_open(o);
	fake_negotiate(o);
	return o;
}

static uint8_t
flags_of_time(const struct offer *o)
{
	cr_assert_eq(o->channel.sent,
	    sizeof(struct ic_header) + sizeof(struct wire_time));
	return o->channel.packet[sizeof(struct ic_header) +
	    offsetof(struct wire_time, flags)];
}

Test(integration, all_services_are_offered_without_rights)
{
	cr_expect(fake.sandboxed);
	cr_assert_eq(fake.offers, SERVICES);
	for (unsigned i = 0; i < SERVICES; i++) {
		const struct offer_setup *s = &fake.offer[i].setup;

		cr_expect_eq(s->flags, 0x11);
		cr_expect_eq(s->user_data[0], 4);
		cr_expect_geq(s->packet_max, IC_PACKET_MAX + 16);
		for (unsigned j = 0; j < i; j++)
			cr_expect_neq(guid_compare(&s->instance_id,
			    &fake.offer[j].setup.instance_id), 0);
	}
}

Test(integration, client_sees_the_heart_beat)
{
	struct offer *o = open_service(SERVICE_HEARTBEAT);
	int fd = client();

	ask(fd, "{\"op\":\"status\"}");
	cr_expect_not_null(strstr(reply(fd), "\"heartbeat\":\"none\""));
	o->channel.packet[sizeof(struct ic_header)]++;
	fake_echo(o, 0);
	ask(fd, "{\"op\":\"status\"}");
	cr_expect_not_null(strstr(reply(fd), "\"heartbeat\":\"ok\""));
	o->ops->close(o->ctx, &o->channel);
	cr_expect(o->channel.closed);
	ask(fd, "{\"op\":\"status\"}");
	cr_expect_not_null(strstr(reply(fd), "\"heartbeat\":\"none\""));
	close(fd);
}

Test(integration, shutdown_goes_to_the_guest_and_its_answer_comes_back)
{
	struct offer *o = open_service(SERVICE_SHUTDOWN);
	int fd = client();

	ask(fd, "{\"op\":\"shutdown\"}");
	cr_expect_str_eq(reply(fd), "");
	fake_echo(o, 0);
	cr_expect_str_eq(reply(fd), "{\"ok\":true}");
	close(fd);
}

Test(integration, a_guest_that_never_stops_sending_keeps_nobody_waiting)
{
	struct offer *o = open_service(SERVICE_HEARTBEAT);

	o->channel.empty = 1000;
	o->ops->receive(o->ctx, &o->channel);
	cr_expect_gt(o->channel.empty, 0);
	cr_expect_eq(o->channel.resumed, 1);
}

Test(integration, packet_waits_for_room)
{
	struct offer *o = open_service(SERVICE_SHUTDOWN);
	int fd = client();

	o->channel.full = true;
	ask(fd, "{\"op\":\"restart\"}");
	cr_expect_eq(o->channel.sent, 0);
	o->channel.full = false;
	o->ops->writable(o->ctx, &o->channel);
	cr_expect_gt(o->channel.sent, 2060);
	fake_echo(o, 0);
	cr_expect_str_eq(reply(fd), "{\"ok\":true}");
	close(fd);
}

Test(integration, nonsense_is_answered)
{
	int fd = client();

	ask(fd, "nonsense");
	cr_expect_not_null(strstr(reply(fd), "\"ok\":false"));
	close(fd);
}

Test(integration, file_of_a_client_arrives)
{
	struct offer *o = open_service(SERVICE_FCOPY);
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (char[]){ "{\"op\":\"copy\",\"path\":\"/a\"}" },
		26 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	FILE *file = tmpfile();
	int fd = client(), source;

	fputs("content", file);
	fflush(file);
	source = fileno(file);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(h), &source, sizeof(int));
	cr_assert_eq(sendmsg(fd, &m, 0), 26);
	turn();
	fclose(file);
	fake_echo(o, 0);
	cr_assert_eq(o->channel.sent, sizeof(struct ic_header) +
	    sizeof(struct wire_fcopy_write));
	cr_expect_arr_eq(o->channel.packet + sizeof(struct ic_header) +
	    offsetof(struct wire_fcopy_write, data), "content", 7);
	fake_echo(o, 0);
	fake_echo(o, 0);
	cr_expect_str_eq(reply(fd), "{\"ok\":true}");
	close(fd);
}

Test(integration, clocks_of_the_worker_are_used)
{
	const struct wire_time *body;
	struct offer *o;

	turn();
	cr_expect_eq(fake.times_asked, 1);
	fake.ops->time(fake.ctx, 777, 1000000000);
	o = open_service(SERVICE_TIMESYNC);
	cr_expect_eq(flags_of_time(o), WIRE_TIME_SYNC);
	body = (const void *)(o->channel.packet + sizeof(struct ic_header));
	cr_expect_eq(body->reference, 777);
	cr_expect_eq(body->host, UINT64_C(116444736000000000) + 10000000);
}

Test(integration, without_them_there_is_the_older_version)
{
	struct offer *o = open_service(SERVICE_TIMESYNC);

	cr_expect_eq(o->channel.sent, sizeof(struct ic_header) +
	    sizeof(struct wire_time_old));
}

Test(integration, paused_guest_misses_nothing_and_has_its_clock_set)
{
	struct offer *o;

	fake.ops->time(fake.ctx, 1, 1);
	o = open_service(SERVICE_TIMESYNC);
	fake_echo(o, 0);
	fake.times_asked = 0;
	fake.ops->event(fake.ctx, PROVIDER_PAUSED, 0);
	fake.ops->event(fake.ctx, PROVIDER_PAUSED, 0);
	turn();
	cr_expect_eq(fake.times_asked, 0);
	fake.ops->event(fake.ctx, PROVIDER_RESUMED, 0);
	cr_expect_eq(fake.times_asked, 1);
	cr_expect_eq(o->channel.sent, 0);
	fake.ops->time(fake.ctx, 2, 2);
	cr_expect_eq(flags_of_time(o), WIRE_TIME_SYNC);
}

Test(integration, what_was_released_is_offered_to_the_next_guest)
{
	struct offer *o = open_service(SERVICE_KVP);

	o->ops->broken(o->ctx);
	o->ops->close(o->ctx, &o->channel);
	o->ops->released(o->ctx, 0);
	cr_expect_eq(fake.offers, SERVICES);
	fake.ops->event(fake.ctx, PROVIDER_UNLOAD, 0);
	fake.ops->event(fake.ctx, PROVIDER_CONTACT, 0x50003);
	cr_expect_eq(fake.offers, SERVICES + 1);
	fake.ops->event(fake.ctx, PROVIDER_CONTACT, 0x50003);
	cr_expect_eq(fake.offers, SERVICES + 1);
}

Test(integration, end_of_the_worker_is_ours)
{
	struct err why = { .code = ECONNRESET, .text = "gone" };

	fake.ops->lost(fake.ctx, &why);
	cr_expect_eq(sd_event_loop(event), EXIT_SUCCESS);
}

Test(integration, quarrel_with_the_worker_is_a_failure)
{
	struct err why = { .code = EPROTO, .text = "nonsense" };

	fake.ops->lost(fake.ctx, &why);
	cr_expect_eq(sd_event_loop(event), EXIT_FAILURE);
}
