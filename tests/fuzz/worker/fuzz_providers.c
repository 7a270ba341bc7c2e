/* SPDX-License-Identifier: Apache-2.0 */
/* Providers that say anything to the worker, and a guest in between. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "vmbus/message.h"
#include "worker/machine.h"
#include "worker/provider_channel.h"
#include "worker/vmbus_host.h"

#define PEERS 2
#define STEP 4u
#define PAGES 8u
#define SINT 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct machine machine;
static struct vmbus_host host;
static struct loop loop;
static int peers[PEERS];
static bool slot_full;

static enum backend_delivery
post_message(const struct partition *p, uint32_t vp, uint8_t sint,
    const struct hv_message *m)
{
	(void)p;
	(void)sint;
	assert(vp < machine.cpus);
	assert(m->header.payload_size <= MESSAGE_BYTES_MAX);
	return slot_full ? BACKEND_BUSY : BACKEND_DELIVERED;
}

static int
await_slots(const struct partition *p, uint32_t vp, uint16_t sints,
    struct err *e)
{
	(void)p;
	(void)vp;
	(void)sints;
	(void)e;
	return 0;
}

static void
signal_event(const struct partition *p, uint32_t vp, uint8_t sint,
    uint16_t flag)
{
	(void)p;
	(void)sint;
	assert(vp < machine.cpus && flag <= SERVER_RELID_MAX);
}

static int
reference_time(const struct partition *p, uint64_t *time, struct err *e)
{
	(void)p;
	(void)e;
	*time = 0;
	return 0;
}

/* Every other channel has the hypervisor's help. */
static int
doorbell(const struct partition *p, uint32_t connection, int fd, bool on,
    struct err *e)
{
	(void)p;
	(void)fd;
	(void)on;
	return connection % 2 == 0 ? 0 : err_set(e, ENOTSUP, "no");
}

static int
event_connect(struct partition *p, uint16_t flag, uint32_t vp, int fd,
    struct err *e)
{
	(void)p;
	(void)vp;
	(void)fd;
	return flag % 2 == 0 ? 0 : err_set(e, ENOTSUP, "no");
}

static void
event_disconnect(struct partition *p, uint16_t flag, int fd)
{
	(void)p;
	(void)flag;
	(void)fd;
}

/* Only what there is room for, and nothing that the guest has already. */
static int
map(const struct partition *p, uint64_t gpa, void *at, uint64_t size,
    struct err *e)
{
	(void)p;
	(void)e;
	assert(gpa >= machine.memory.map.low &&
	    guest_memory_at(&machine.memory, gpa, size) == at);
	return 0;
}

static const struct backend backend = {
	.map = map,
	.post_message = post_message,
	.await_slots = await_slots,
	.signal_event = signal_event,
	.reference_time = reference_time,
	.doorbell = doorbell,
	.event_connect = event_connect,
	.event_disconnect = event_disconnect,
};

/* The machine lives as long as the program; each input leaves it as it was. */
static void
machine_need(void)
{
	struct err e;

	if (machine.backend != NULL)
		return;
	machine.backend = &backend;
	machine.cpus = 2;
	machine.event_fd = -1;
	assert(guest_memory_create(&machine.memory, UINT64_C(4) << 20,
	    UINT64_C(300) << 20, &e) == 0);
	assert(loop_create(&loop, &e) == 0);
	assert(vmbus_host_init(&host, &machine, &loop, &e) == 0);
	/* It complains of each provider that it ends. */
	stderr = fopen("/dev/null", "w");
}

/* The worker deals with all there is. */
static void
worker_turn(void)
{
	struct pollfd p = { .fd = loop.epoll_fd, .events = POLLIN };

	while (poll(&p, 1, 0) == 1) {
		struct loop_event event;

		loop_next(&loop, &event);
		vmbus_host_event(&host, &event);
	}
}

/* Those that came with a message; returns how many there were. */
static unsigned
fds_close(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fds[PROVIDER_FDS_MAX];
	size_t len;

	if (c == NULL)
		return 0;
	len = c->cmsg_len - CMSG_LEN(0);
	assert(len <= sizeof(fds));
	memcpy(fds, CMSG_DATA(c), len);
	for (size_t i = 0; i < len / sizeof(int); i++)
		close(fds[i]);
	return (unsigned)(len / sizeof(int));
}

/* A provider reads all that it was sent, which has to have a form. */
static void
peer_read(int fd)
{
	static _Alignas(8) uint8_t bytes[PROVIDER_MESSAGE_MAX];
	char control[CMSG_SPACE(PROVIDER_FDS_MAX * sizeof(int))];

	while (true) {
		struct iovec iov = { bytes, sizeof(bytes) };
		struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control) };
		ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);
		if (n <= 0)
			return;
		assert(provider_message_check(bytes, (size_t)n,
		    fds_close(&m), PROVIDER_SENDER_WORKER));
	}
}

static void
peer_leave(unsigned i)
{
	if (peers[i] < 0)
		return;
	close(peers[i]);
	peers[i] = -1;
	worker_turn();
}

static void
peer_say(unsigned i, const void *message, size_t len)
{
	if (peers[i] >= 0)
		send(peers[i], message, len, MSG_DONTWAIT | MSG_NOSIGNAL);
}

static void
peer_join(unsigned i, uint32_t kind)
{
	const struct provider_hello hello = {
		.head = { PROVIDER_HELLO, sizeof(hello) },
		.version = PROVIDER_PROTOCOL_VERSION,
		.kind = kind,
	};
	struct err e;
	int ends[2];

	peer_leave(i);
	assert(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    ends) == 0);
	assert(providers_attach(&host.providers, ends[0], &e) == 0);
	peers[i] = ends[1];
	peer_say(i, &hello, sizeof(hello));
}

static void
peer_offers(unsigned i, uint8_t number, uint8_t how)
{
	const struct provider_offer m = {
		.head = { PROVIDER_OFFER, sizeof(m) },
		.offer = number % 5,
		.flags = (how & 1) != 0 ? OFFER_TLNPI_PROVIDER : 0,
		.sub_channel = how / 2 % 3,
		.journal_bytes = how / 128 * 4096u,
		.class_id.bytes = { how / 8 % 2 },
		.instance_id.bytes = { how / 16 % 4 },
	};

	peer_say(i, &m, sizeof(m));
}

static void
peer_answers(unsigned i, uint8_t type, uint8_t number, uint8_t value)
{
	const struct provider_gpadl g = {
		.head = { type, sizeof(g) },
		.offer = number % 5,
		.handle = value % 4,
		.status = value / 128,
	};
	const struct provider_short s = {
		.head = { type, sizeof(s) },
		.offer = number % 5,
		.status = value / 128,
	};

	if (type == PROVIDER_GPADL_ADDED || type == PROVIDER_GPADL_REMOVED)
		peer_say(i, &g, sizeof(g));
	else
		peer_say(i, &s, sizeof(s));
}

/* For the guest of now, mostly. */
static void
peer_memory(unsigned i, uint8_t how, uint8_t first, uint8_t count)
{
	struct {
		struct provider_memory_request m;
		struct provider_memory_range ranges[2];
	} r = {
		.m = {
			.head = { PROVIDER_MEMORY_REQUEST, sizeof(r) },
			.op = 1 + how % (PROVIDER_MEMORY_OPS - 1),
			.range_count = 2,
			.epoch = machine.memory.balloon.epoch - (how > 250),
			.pages = (uint64_t)count << (how / 16),
			.align = (uint64_t)first << (how / 16),
		},
		.ranges = { { first * UINT64_C(8), count },
		    { first * UINT64_C(8) + count, first } },
	};

	peer_say(i, &r, sizeof(r));
}

static void
guest_says(const void *message, size_t len)
{
	struct guest_call call = {
		.kind = GUEST_CALL_POST,
		.connection_id = MESSAGE_CONNECTION_OLD,
		.len = len,
	};

	memcpy(call.message, message, len);
	vmbus_host_call(&host, &call);
}

static void
guest_pages(uint8_t relid, uint8_t handle)
{
	struct {
		struct message_gpadl_header head;
		uint64_t pfns[PAGES];
	} MESSAGE_PACKED m = { .head = {
		.header.type = MESSAGE_GPADL_HEADER,
		.relid = relid % 6,
		.gpadl = handle % 4,
		.range_bytes = 8 + PAGES * 8,
		.range_count = 1,
		.byte_count = PAGES * MEMORY_PAGE,
	} };

	for (unsigned i = 0; i < PAGES; i++)
		m.pfns[i] = 16 + i;
	guest_says(&m, sizeof(m));
}

/* Any message whose numbers are small, in any order. */
static void
guest_step(uint8_t type, uint8_t a, uint8_t b)
{
	union {
		struct message_initiate_contact contact;
		struct message_open open;
		struct message_relid relid;
		struct message_gpadl_teardown teardown;
		struct message_tl_connect_request connect;
		uint8_t bytes[MESSAGE_BYTES_MAX];
	} m = { .bytes = { type % 32 } };

	switch (m.bytes[0]) {
	case MESSAGE_GPADL_HEADER:
		guest_pages(a, b);
		return;
	case MESSAGE_INITIATE_CONTACT:
		m.contact.version = MESSAGE_VERSION_5_3;
		m.contact.interrupt_page = SINT;
		break;
	case MESSAGE_OPEN:
		m.open.relid = a % 6;
		m.open.ring_gpadl = b % 4;
		m.open.downstream_page = PAGES / 2;
		m.open.target_vp = b / 128;
		break;
	case MESSAGE_TL_CONNECT_REQUEST:
		m.connect.endpoint.bytes[0] = a;
		break;
	default:
		m.relid.relid = a % 6;
		m.teardown.gpadl = b % 4;
		break;
	}
	guest_says(&m, MESSAGE_BYTES_MAX);
}

static void
step(const uint8_t *data)
{
	static const uint8_t types[] = {
		PROVIDER_RESCIND, PROVIDER_GPADL_ADDED,
		PROVIDER_GPADL_REMOVED, PROVIDER_OPENED, PROVIDER_CLOSED,
		PROVIDER_TIME_REQUEST, PROVIDER_CONNECT_REFUSED, 0xff,
	};
	unsigned i = data[0] / 8 % PEERS;

	switch (data[0] % 8) {
	case 0:
		peer_join(i, data[1] % (PROVIDER_KINDS + 1));
		break;
	case 1:
		peer_leave(i);
		break;
	case 2:
		peer_offers(i, data[1], data[2]);
		break;
	case 3:
		peer_answers(i, types[data[3] % sizeof(types)], data[1],
		    data[2]);
		break;
	case 4:
		peer_read(peers[i]);
		break;
	case 5:
		slot_full = data[1] % 2 != 0;
		vmbus_host_deliverable(&host, 0, 1u << SINT);
		break;
	case 6:
		guest_step(data[1], data[2], data[3]);
		break;
	default:
		peer_memory(i, data[1], data[2], data[3]);
		break;
	}
	worker_turn();
}

/* Nobody comes for the channels that were to last. */
static void
patience_ends(void)
{
	const struct itimerspec now = { .it_value.tv_nsec = 1 };
	struct provider_channel *c;

	while (host.providers.kept != NULL) {
		for (c = host.providers.kept; c != NULL; c = c->next)
			c->kept_until = 0;
		timerfd_settime(host.providers.kept_timer_fd, 0, &now, NULL);
		worker_turn();
	}
}

/* Nobody is there any more, and nothing of them is left. */
static void
finish(void)
{
	for (unsigned i = 0; i < PEERS; i++)
		peer_leave(i);
	slot_full = false;
	server_reset(host.server);
	patience_ends();
	worker_turn();
	assert(machine.memory.balloon.given_up_pages == 0);
	assert(server_channel_next(host.server, NULL) == NULL);
	assert(host.providers.orphans == NULL);
	for (unsigned i = 0; i < PROVIDERS_MAX; i++)
		assert(!host.providers.sessions[i].used);
	for (unsigned i = 0; i < SERVER_RELID_MAX; i++)
		assert(host.providers.bells[i] == NULL);
}

/* Steps of four bytes; or, if the first is 0xff, one message as it is. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	machine_need();
	for (unsigned i = 0; i < PEERS; i++)
		peers[i] = -1;
	peer_join(0, PROVIDER_SOCKETS);
	worker_turn();
	if (size > 0 && data[0] == 0xff) {
		peer_say(0, data + 1, size - 1);
		worker_turn();
	} else {
		for (; size >= STEP; data += STEP, size -= STEP)
			step(data);
	}
	finish();
	return 0;
}
