/* SPDX-License-Identifier: Apache-2.0 */
/* Feeds messages to a processor's answers: a guest chooses most of them. */
#include <assert.h>
#include <string.h>
#include <tlfs/intercept_message.h>

#include "worker/vp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
registers_get(const struct vp_link *vp, struct hv_register_assoc *list,
    unsigned n, struct err *e)
{
	(void)vp;
	(void)e;
	for (unsigned i = 0; i < n; i++)
		list[i].value.reg64 = i;
	return 0;
}

static int
registers_set(const struct vp_link *vp, const struct hv_register_assoc *list,
    unsigned n, struct err *e)
{
	(void)vp;
	(void)list;
	(void)e;
	assert(n <= 17);
	return 0;
}

/* Half of all pages are there, in one of three ways. */
static int
translate(const struct vp_link *vp, uint64_t gva, bool write, uint64_t *gpa,
    uint32_t *result, struct err *e)
{
	(void)vp;
	(void)write;
	(void)e;
	*gpa = gva % (UINT64_C(8) << 20);
	*result = (gva >> 12 & 1) != 0 ? (uint32_t)(gva >> 13) & 7 : 0;
	return 0;
}

static int
interrupt(const struct partition *p, const struct interrupt *i, struct err *e)
{
	(void)p;
	(void)i;
	(void)e;
	return 0;
}

static const struct backend backend = {
	.get_registers = registers_get,
	.set_registers = registers_set,
	.translate = translate,
	.interrupt = interrupt,
};

static uint8_t output[DEVICES_OUTPUT_SIZE];
static struct machine m;
static struct guest_memory memory;

/* Memory lives as long as the program. */
static void
memory_need(void)
{
	struct err e;
	int ret;

	if (memory.base != NULL)
		return;
	ret = guest_memory_create(&memory, UINT64_C(4) << 20, 0, &e);
	assert(ret == 0);
}

static uint32_t
type_of(uint8_t choice)
{
	static const uint32_t types[] = { HVMSG_X64_IO_PORT_INTERCEPT,
		HVMSG_UNMAPPED_GPA, HVMSG_GPA_INTERCEPT,
		HVMSG_UNRECOVERABLE_EXCEPTION, HVMSG_X64_MSR_INTERCEPT,
		HVMSG_X64_EXCEPTION_INTERCEPT };
	size_t n = sizeof(types) / sizeof(types[0]);

	return choice % (n + 1) == n ? choice : types[choice % (n + 1)];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vp *vp = &m.vp[0];
	struct hv_vp_register_page page = { .isvalid = 1 };
	char reason[MACHINE_REASON_MAX];
	uint8_t code;

	if (size < 2)
		return 0;
	memory_need();
	memset(&m, 0, sizeof(m));
	m.memory = memory;
	m.backend = &backend;
	m.event_fd = -1;
	pthread_mutex_init(&m.devices_lock, NULL);
	pthread_mutex_init(&m.lock, NULL);
	pthread_cond_init(&m.changed, NULL);
	devices_init(&m.devices, true, output);
	vp->machine = &m;
	vp->link.page = (data[1] & 1) != 0 ? &page : NULL;
	vp->message.header.message_type = type_of(data[0]);
	size -= 2;
	if (size > HV_MESSAGE_PAYLOAD_SIZE)
		size = HV_MESSAGE_PAYLOAD_SIZE;
	memcpy(vp->message.payload_bytes, data + 2, size);
	vp_answer(vp);
	assert((page.dirty & ~HV_REGISTER_PAGE_DIRTY_MASK) == 0);
	if (machine_ending(&m, &code, reason) == MACHINE_FAILED)
		assert(reason[0] != '\0');
	return 0;
}
