/* SPDX-License-Identifier: Apache-2.0 */
/* Both sides of the worker's VMBus, played by the test. */
#include "vmbus_guest.h"

#include <criterion/criterion.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fake_backend.h"
#include "vmbus/message.h"

#define MEMORY (UINT64_C(4) << 20)

struct machine machine;
struct vmbus_host host;
static struct loop loop;

void
vmbus_setup(void)
{
	vmbus_setup_room(0);
}

void
vmbus_setup_room(uint64_t most)
{
	struct err e;

	fake_reset();
	memset(&machine, 0, sizeof(machine));
	machine.backend = &fake_backend;
	machine.cpus = 2;
	machine.event_fd = -1;
	pthread_mutex_init(&machine.lock, NULL);
	pthread_cond_init(&machine.changed, NULL);
	cr_assert_eq(guest_memory_create(&machine.memory, MEMORY, most, &e),
	    0);
	cr_assert_eq(loop_create(&loop, &e), 0);
	cr_assert_eq(vmbus_host_init(&host, &machine, &loop, &e), 0);
	host.providers.uid_base = 1000;
}

enum hv_status
guest_post(const void *message, size_t len)
{
	struct guest_call call = {
		.kind = GUEST_CALL_POST,
		.connection_id = MESSAGE_CONNECTION_NEW,
		.len = len,
	};

	memcpy(call.message, message, len);
	return vmbus_host_call(&host, &call);
}

void
guest_connect(void)
{
	const struct message_initiate_contact m = {
		.header.type = MESSAGE_INITIATE_CONTACT,
		.version = MESSAGE_VERSION_5_3,
		.interrupt_page = GUEST_SINT,
	};

	cr_assert_eq(guest_post(&m, sizeof(m)), HV_SUCCESS);
}

void
guest_request_offers(void)
{
	const struct message_header m = { .type = MESSAGE_REQUEST_OFFERS };
	struct guest_call call = {
		.kind = GUEST_CALL_POST,
		.connection_id = MESSAGE_CONNECTION_OLD,
		.len = sizeof(m),
	};

	memcpy(call.message, &m, sizeof(m));
	cr_assert_eq(vmbus_host_call(&host, &call), HV_SUCCESS);
}

const void *
guest_got(unsigned i)
{
	cr_assert_lt(i, fake.post_count, "only %u messages came",
	    fake.post_count);
	return fake.posts[i].message.payload_bytes;
}

uint32_t
got_type(unsigned i)
{
	const struct message_header *h = guest_got(i);

	return h->type;
}

void
guest_posts_ring(void)
{
	struct {
		struct message_gpadl_header head;
		uint64_t pfns[GUEST_RING_PAGES];
	} MESSAGE_PACKED m = { .head = {
		.header.type = MESSAGE_GPADL_HEADER,
		.relid = GUEST_RELID,
		.gpadl = GUEST_GPADL,
		.range_bytes = 8 + GUEST_RING_PAGES * 8,
		.range_count = 1,
		.byte_count = GUEST_RING_PAGES * MEMORY_PAGE,
	} };

	for (unsigned i = 0; i < GUEST_RING_PAGES; i++)
		m.pfns[i] = 16 + i;
	cr_assert_eq(guest_post(&m, sizeof(m)), HV_SUCCESS);
}

void
guest_posts_open(void)
{
	const struct message_open m = {
		.header.type = MESSAGE_OPEN,
		.relid = GUEST_RELID,
		.open_id = GUEST_RELID,
		.ring_gpadl = GUEST_GPADL,
		.target_vp = 1,
		.downstream_page = GUEST_RING_PAGES / 2,
		.user_data = { 9 },
	};

	cr_assert_eq(guest_post(&m, sizeof(m)), HV_SUCCESS);
}

unsigned
worker_turn(void)
{
	struct pollfd p = { .fd = loop.epoll_fd, .events = POLLIN };
	unsigned n = 0;

	while (poll(&p, 1, 0) == 1) {
		struct loop_event event;

		loop_next(&loop, &event);
		vmbus_host_event(&host, &event);
		n++;
	}
	return n;
}

void
provider_tell(int fd, const void *message, size_t len)
{
	cr_assert_eq(send(fd, message, len, 0), (ssize_t)len);
	cr_assert_geq(worker_turn(), 1);
}

static unsigned
fds_of(struct msghdr *h, int *fds)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(h);
	size_t len;

	if (c == NULL)
		return 0;
	len = c->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(c), len);
	return (unsigned)(len / sizeof(int));
}

void
provider_expect(int fd, uint32_t type, void *out, size_t size, int *fds,
    unsigned fd_count)
{
	char control[CMSG_SPACE(PROVIDER_FDS_MAX * sizeof(int))];
	static uint8_t bytes[PROVIDER_MESSAGE_MAX];
	struct iovec iov = { .iov_base = bytes, .iov_len = sizeof(bytes) };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &h, MSG_DONTWAIT);
	struct provider_head head;

	cr_assert_geq(n, (ssize_t)sizeof(head), "no message of type %u", type);
	memcpy(&head, bytes, sizeof(head));
	cr_assert_eq(head.type, type, "type %u, not %u", head.type, type);
	cr_assert_eq(head.size, (size_t)n);
	cr_assert_eq(fds_of(&h, fds), fd_count);
	memcpy(out, bytes, size < (size_t)n ? size : (size_t)n);
}

int provider_figures_fd = -1;

int
provider_join(enum provider_kind kind)
{
	const struct provider_hello hello = {
		.head = { .type = PROVIDER_HELLO, .size = sizeof(hello) },
		.version = PROVIDER_PROTOCOL_VERSION,
		.kind = kind,
	};
	struct provider_welcome welcome;
	int ends[2], fds[2];
	struct err e;

	cr_assert_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0,
	    ends), 0);
	cr_assert_eq(providers_attach(&host.providers, ends[0], &e), 0);
	provider_tell(ends[1], &hello, sizeof(hello));
	provider_expect(ends[1], PROVIDER_WELCOME, &welcome, sizeof(welcome),
	    fds, 2);
	cr_assert_eq(welcome.uid, 1000 + kind);
	cr_assert_eq(welcome.memory_size, machine.memory.size);
	cr_assert_eq(welcome.vps, 2);
	close(fds[0]);
	if (provider_figures_fd >= 0)
		close(provider_figures_fd);
	provider_figures_fd = fds[1];
	return ends[1];
}

void
provider_offers(int fd, uint32_t n)
{
	const struct provider_offer m = {
		.head = { .type = PROVIDER_OFFER, .size = sizeof(m) },
		.offer = n,
		.class_id.bytes = { (uint8_t)n, 1 },
		.instance_id.bytes = { (uint8_t)n, 2 },
	};

	provider_tell(fd, &m, sizeof(m));
}

uint32_t
provider_expect_short(int fd, uint32_t type, uint32_t number)
{
	struct provider_short m;

	provider_expect(fd, type, &m, sizeof(m), NULL, 0);
	cr_assert_eq(m.offer, number);
	return m.status;
}

void
provider_tell_short(int fd, uint32_t type, uint32_t number, uint32_t status)
{
	const struct provider_short m = {
		.head = { .type = type, .size = sizeof(m) },
		.offer = number,
		.status = status,
	};

	provider_tell(fd, &m, sizeof(m));
}

void
provider_takes_ring(int fd, uint32_t number)
{
	struct provider_gpadl answer = {
		.head = {
			.type = PROVIDER_GPADL_ADDED,
			.size = sizeof(answer),
		},
		.offer = number,
		.handle = GUEST_GPADL,
	};
	struct provider_gpadl_add add;

	provider_expect(fd, PROVIDER_GPADL_ADD, &add, sizeof(add), NULL, 0);
	cr_assert_eq(add.offer, number);
	cr_assert_eq(add.page_count, GUEST_RING_PAGES);
	provider_tell(fd, &answer, sizeof(answer));
}
