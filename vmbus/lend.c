/* SPDX-License-Identifier: Apache-2.0 */
/* Ring pages as a file of their own, by the kernel's udmabuf. */
#include "vmbus/lend.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmbus/provider_state.h"

#define UDMABUF "/dev/udmabuf"
/* What the kernel takes in one list, unless it was told otherwise. */
#define PIECES_MAX 1024

struct piece_list {
	struct udmabuf_create_list head;
	struct udmabuf_create_item items[PIECES_MAX];
};

int
lend_open(struct err *e)
{
	int fd = open(UDMABUF, O_RDWR | O_CLOEXEC);

	return fd >= 0 ? fd : err_set(e, errno, UDMABUF ": %s; the kernel "
	    "needs CONFIG_UDMABUF", strerror(errno));
}

void
offer_leave_alone(struct offer *o)
{
	sd_event_source_set_enabled(o->kick_source, SD_EVENT_OFF);
}

static int
list_make(const struct offer *o, const struct gpadl *g,
    struct piece_list *list, struct err *e)
{
	uint32_t run;

	*list = (struct piece_list){ .head.flags = UDMABUF_FLAGS_CLOEXEC };
	for (uint32_t i = 0; i < g->page_count; i += run) {
		int64_t at;

		run = gpadl_run(g, &o->provider->memory, i, &at);
		if (run == 0)
			return err_set(e, EFAULT, "its pages are no memory");
		if (list->head.count == PIECES_MAX)
			return err_set(e, E2BIG, "its rings are in more than "
			    "%d pieces", PIECES_MAX);
		list->items[list->head.count++] =
		    (struct udmabuf_create_item){
			.memfd = (uint32_t)o->provider->memory_fd,
			.offset = (uint64_t)at,
			.size = (uint64_t)run * MEMORY_PAGE,
		};
	}
	return 0;
}

static int
pages_export(int udmabuf_fd, const struct piece_list *list, struct err *e)
{
	int fd = ioctl(udmabuf_fd, OFFER_LEND_IOCTL, &list->head);

	return fd >= 0 ? fd : err_set(e, errno, "udmabuf: %s",
	    strerror(errno));
}

static int
figures_export(const struct offer *o, int udmabuf_fd, struct err *e)
{
	const struct provider *p = o->provider;
	const struct piece_list page = {
		.head = { .flags = UDMABUF_FLAGS_CLOEXEC, .count = 1 },
		.items = { {
			.memfd = (uint32_t)p->figures_fd,
			.offset = provider_figures_offset(p->kind, o->number),
			.size = MEMORY_PAGE,
		} },
	};

	return pages_export(udmabuf_fd, &page, e);
}

int
offer_lend(const struct offer *o, int udmabuf_fd, struct offer_loan *out,
    struct err *e)
{
	const struct gpadl *g = offer_gpadl(o, o->ring_gpadl);
	struct piece_list list;

	if (o->channel == NULL || g == NULL)
		return err_set(e, ENOTCONN, "the channel is not open");
	if (list_make(o, g, &list, e) < 0)
		return -1;
	out->in_bytes = (uint32_t)(o->downstream_page * MEMORY_PAGE);
	out->out_bytes = (uint32_t)(g->page_count - o->downstream_page) *
	    MEMORY_PAGE;
	out->kick_fd = o->kick_fd;
	out->call_fd = o->call_fd;
	out->rings_fd = pages_export(udmabuf_fd, &list, e);
	if (out->rings_fd < 0)
		return -1;
	out->figures_fd = figures_export(o, udmabuf_fd, e);
	if (out->figures_fd < 0) {
		close(out->rings_fd);
		return -1;
	}
	return 0;
}
