/* SPDX-License-Identifier: Apache-2.0 */
/* The made-up hypervisor. */
#include "fake_backend.h"

#include <errno.h>
#include <string.h>
#include <tlfs/memory.h>
#include <tlfs/registers.h>
#include <unistd.h>

struct fake fake;

void
fake_reset(void)
{
	memset(&fake, 0, sizeof(fake));
	pthread_mutex_init(&fake.lock, NULL);
}

void
fake_message(const struct hv_message *m)
{
	fake.messages[fake.message_count++] = *m;
}

static int
create(struct partition *p, struct err *e)
{
	(void)e;
	p->counters_dir = -1;
	p->counters_fd = -1;
	return 0;
}

static int
map(const struct partition *p, uint64_t gpa, void *host, uint64_t size,
    struct err *e)
{
	(void)p;
	(void)host;
	(void)e;
	fake.map_gpa[fake.maps] = gpa;
	fake.map_size[fake.maps++] = size;
	return 0;
}

static int
vp_create(struct partition *p, unsigned index, struct vp_link *vp,
    struct err *e)
{
	(void)e;
	p->vp_counters_fd[index] = -1;
	*vp = (struct vp_link){ .fd = -1, .index = index,
		.page = fake.has_page ? &fake.page : NULL };
	fake.vps++;
	return 0;
}

static bool
message_take(struct hv_message *out)
{
	bool have;

	pthread_mutex_lock(&fake.lock);
	have = fake.message_next < fake.message_count;
	if (have)
		*out = fake.messages[fake.message_next++];
	pthread_mutex_unlock(&fake.lock);
	return have;
}

static int
run(const struct vp_link *vp, struct hv_message *message)
{
	int ret = 0;

	(void)vp;
	if (fake.run_error != 0)
		return fake.run_error;
	atomic_fetch_add(&fake.inside, 1);
	if (!message_take(message)) {
		/* As in the driver: a signal that came before is not seen. */
		pause();
		ret = EINTR;
	}
	atomic_fetch_sub(&fake.inside, 1);
	return ret;
}

static int
get_registers(const struct vp_link *vp, struct hv_register_assoc *list,
    unsigned n, struct err *e)
{
	(void)vp;
	if (fake.refuse_registers)
		return err_set(e, EIO, "refused");
	for (unsigned i = 0; i < n; i++) {
		uint32_t number = list[i].name - HV_REGISTER_RAX;

		if (number < 32)
			list[i].value.reg64 = fake.registers[number];
		else
			list[i].value.segment.base = fake.segment_base;
	}
	return 0;
}

static int
set_registers(const struct vp_link *vp, const struct hv_register_assoc *list,
    unsigned n, struct err *e)
{
	(void)vp;
	if (fake.refuse_registers)
		return err_set(e, EIO, "refused");
	fake.register_writes++;
	for (unsigned i = 0; i < n; i++) {
		uint32_t number = list[i].name - HV_REGISTER_RAX;

		if (number < 32)
			fake.registers[number] = list[i].value.reg64;
		else if (list[i].name == HV_REGISTER_CR2)
			fake.cr2 = list[i].value.reg64;
		else if (list[i].name == HV_REGISTER_PENDING_INTERRUPTION)
			fake.pending = list[i].value.reg64;
	}
	return 0;
}

/* Addresses lead to themselves. */
static int
translate(const struct vp_link *vp, uint64_t gva, bool write, uint64_t *gpa,
    uint32_t *result, struct err *e)
{
	(void)vp;
	(void)write;
	(void)e;
	*gpa = gva;
	*result = HV_TRANSLATE_SUCCESS;
	if (fake.absent_page != 0 && gva >> 12 == fake.absent_page)
		*result = HV_TRANSLATE_PAGE_NOT_PRESENT;
	if (fake.unmapped_page != 0 && gva >> 12 == fake.unmapped_page)
		*result = HV_TRANSLATE_GPA_UNMAPPED;
	return 0;
}

static int
interrupt(const struct partition *p, const struct interrupt *i, struct err *e)
{
	(void)p;
	(void)e;
	fake.interrupt = *i;
	fake.interrupts++;
	return 0;
}

static int
freeze_time(const struct partition *p, bool frozen, struct err *e)
{
	(void)p;
	if (fake.refuse_freeze)
		return err_set(e, EIO, "refused");
	fake.frozen = frozen;
	return 0;
}

static int
reference_time(const struct partition *p, uint64_t *time, struct err *e)
{
	(void)p;
	(void)e;
	*time = 1234;
	return 0;
}

static enum backend_delivery
post_message(const struct partition *p, uint32_t vp, uint8_t sint,
    const struct hv_message *m)
{
	(void)p;
	if (fake.slot_full)
		return BACKEND_BUSY;
	fake.posts[fake.post_count++ % FAKE_POSTS] = (struct fake_post){
		.vp = vp, .sint = sint, .message = *m };
	return BACKEND_DELIVERED;
}

static int
await_slots(const struct partition *p, uint32_t vp, uint16_t sints,
    struct err *e)
{
	(void)p;
	(void)vp;
	(void)e;
	fake.awaited = sints;
	return 0;
}

static void
signal_event(const struct partition *p, uint32_t vp, uint8_t sint,
    uint16_t flag)
{
	(void)p;
	(void)sint;
	fake.signal_vp = vp;
	fake.signal_flag = flag;
	fake.signals++;
}

static int
doorbell(const struct partition *p, uint32_t connection, int fd, bool on,
    struct err *e)
{
	(void)p;
	(void)fd;
	if (!fake.has_doorbells)
		return err_set(e, ENOTSUP, "no doorbells");
	fake.doorbell = on ? connection : 0;
	return 0;
}

static int
event_connect(struct partition *p, uint16_t flag, uint32_t vp, int fd,
    struct err *e)
{
	(void)p;
	(void)fd;
	if (!fake.has_event_interrupts)
		return err_set(e, ENOTSUP, "no such interrupts");
	fake.event_flag = flag;
	fake.event_vp = vp;
	return 0;
}

static void
event_disconnect(struct partition *p, uint16_t flag, int fd)
{
	(void)p;
	(void)fd;
	if (fake.event_flag == flag)
		fake.event_flag = 0;
}

const struct backend fake_backend = {
	.create = create,
	.map = map,
	.vp_create = vp_create,
	.run = run,
	.get_registers = get_registers,
	.set_registers = set_registers,
	.translate = translate,
	.interrupt = interrupt,
	.freeze_time = freeze_time,
	.reference_time = reference_time,
	.post_message = post_message,
	.await_slots = await_slots,
	.signal_event = signal_event,
	.doorbell = doorbell,
	.event_connect = event_connect,
	.event_disconnect = event_disconnect,
};
