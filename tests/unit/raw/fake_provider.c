/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for vmbus/provider.c, offer.c and lend.c. */
#include "fake_provider.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

struct fake_provider fake;

static int
file_make(size_t bytes)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	cr_assert_eq(ftruncate(fd, (off_t)bytes), 0);
	return fd;
}

struct provider *
provider_connect(sd_event *event, const char *run_dir,
    enum provider_kind kind, const struct provider_ops *ops, void *ctx,
    struct err *e)
{
	(void)event;
	(void)run_dir;
	(void)e;
	cr_expect_eq(kind, PROVIDER_RAW);
	fake = (struct fake_provider){ .ops = ops, .ctx = ctx,
		.rings_fd = file_make(2 * FAKE_RING_BYTES),
		.figures_fd = file_make(4096),
		.kick_fd = eventfd(0, EFD_NONBLOCK),
		.call_fd = eventfd(0, EFD_NONBLOCK) };
	return (struct provider *)&fake;
}

void
provider_destroy(struct provider *p)
{
	(void)p;
	close(fake.rings_fd);
	close(fake.figures_fd);
	close(fake.kick_fd);
	close(fake.call_fd);
}

int
provider_confine(struct provider *p, const struct sandbox_calls *more,
    struct err *e)
{
	(void)p;
	(void)e;
	cr_expect_eq(fake.offers, 0, "offered before it gave up its rights");
	cr_expect_eq(more->call_count, 0);
	fake.confined = true;
	return 0;
}

struct offer *
provider_offer(struct provider *p, const struct offer_setup *setup,
    const struct offer_ops *ops, void *ctx, struct err *e)
{
	(void)p;
	(void)e;
	fake.offers++;
	fake.offer = (struct offer){ .setup = *setup, .ops = ops,
		.ctx = ctx };
	return &fake.offer;
}

int
lend_open(struct err *e)
{
	(void)e;
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

void
offer_leave_alone(struct offer *o)
{
	o->left_alone = true;
}

int
offer_lend(const struct offer *o, int udmabuf_fd, struct offer_loan *out,
    struct err *e)
{
	(void)e;
	cr_expect(o->left_alone);
	cr_expect_geq(udmabuf_fd, 0);
	*out = (struct offer_loan){ .rings_fd = dup(fake.rings_fd),
		.figures_fd = dup(fake.figures_fd), .kick_fd = fake.kick_fd,
		.call_fd = fake.call_fd, .in_bytes = FAKE_RING_BYTES,
		.out_bytes = FAKE_RING_BYTES };
	return 0;
}

void
offer_closed(struct offer *o)
{
	o->closed = true;
}

/* As the frame does it: closed first, if it is open. */
void
offer_rescind(struct offer *o)
{
	o->rescinded = true;
	o->ops->close(o->ctx, NULL);
	cr_expect(o->closed, "its holder is gone: nothing is waited for");
}

void
fake_open(void)
{
	static const uint8_t user_data[MESSAGE_USER_DATA];
	struct offer *o = &fake.offer;
	struct err e;

	o->closed = false;
	cr_assert_eq(o->ops->open(o->ctx, (struct channel *)o, user_data, &e),
	    0);
}

void
fake_close(void)
{
	fake.offer.ops->close(fake.offer.ctx, NULL);
}
