/* SPDX-License-Identifier: Apache-2.0 */
/* Processors that start, stop and end, on a made-up hypervisor. */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tlfs/intercept_message.h>
#include <tlfs/registers.h>
#include <unistd.h>

#include "disk-loader/failure.h"
#include "fake_backend.h"
#include "worker/bytes.h"
#include "worker/machine.h"
#include "worker/vp.h"

#define MIB (UINT64_C(1) << 20)

static struct machine m;
static uint8_t output[DEVICES_OUTPUT_SIZE];
static struct err e;

/* A PVH image that does nothing: nobody runs it. */
static void
image_write(const char *path)
{
	static uint8_t f[512];
	FILE *out = fopen(path, "wb");

	memcpy(f, "\177ELF\2\1\1", 7);
	put16(f + 18, 62);
	put64(f + 32, 64);
	put16(f + 54, 56);
	put16(f + 56, 2);
	put32(f + 64, 1);
	put64(f + 64 + 8, 256);
	put64(f + 64 + 24, 0x100000);
	put64(f + 64 + 32, 16);
	put64(f + 64 + 40, 16);
	put32(f + 120, 4);
	put64(f + 120 + 8, 300);
	put64(f + 120 + 32, 20);
	put64(f + 120 + 40, 20);
	put32(f + 300, 4);
	put32(f + 304, 4);
	put32(f + 308, 18);
	memcpy(f + 312, "Xen", 4);
	put32(f + 316, 0x100000);
	cr_assert(out != NULL && fwrite(f, sizeof(f), 1, out) == 1);
	fclose(out);
}

static void
create(unsigned cpus, uint64_t memory)
{
	char path[] = "/tmp/worker-image-XXXXXX";
	struct config c;
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	close(fd);
	image_write(path);
	config_default(&c);
	c.cpus = cpus;
	c.memory = memory;
	strcpy(c.kernel, path);
	c.initrd[0] = '\0';
	cr_assert_eq(machine_create(&m, &fake_backend, &c, output, &e), 0,
	    "%s", e.text);
	unlink(path);
}

static void
setup(void)
{
	fake_reset();
	memset(&m, 0, sizeof(m));
	vp_setup_signal();
}

/* Wait for what another thread is about to do. */
static bool
comes_true(bool (*is)(void))
{
	for (int i = 0; i < 5000 && !is(); i++)
		poll(NULL, 0, 1);
	return is();
}

static bool
two_inside(void)
{
	return atomic_load(&fake.inside) == 2;
}

static bool
has_ended(void)
{
	char text[MACHINE_REASON_MAX];
	uint8_t code;

	return machine_ending(&m, &code, text) != MACHINE_ALIVE;
}

TestSuite(machine, .init = setup, .timeout = 60);

Test(machine, is_built_with_memory_and_processors)
{
	create(3, 64 * MIB);
	cr_expect_eq(fake.vps, 3);
	cr_assert_eq(fake.maps, 1);
	cr_expect_eq(fake.map_size[0], 64 * MIB);
	cr_expect_eq(fake.registers[HV_REGISTER_RIP - HV_REGISTER_RAX],
	    0x100000, "the first processor starts at the entry");
	cr_expect_eq((uintptr_t)m.memory.base % (2 * MIB), 0);
}

Test(machine, disk_loader_tells_why_it_gave_up)
{
	struct devices_effect fx = { .order = DEVICES_DEBUG_EXIT,
		.code = DISK_LOADER_NO_SYSTEM };
	char text[MACHINE_REASON_MAX];
	uint8_t code;

	create(1, 16 * MIB);
	m.from_disk = true;
	machine_effect(&m, &fx);
	cr_expect_eq(machine_ending(&m, &code, text), MACHINE_FAILED);
	cr_expect_not_null(strstr(text, "found no system"), "%s", text);
}

Test(machine, payload_ends_with_its_code)
{
	struct devices_effect fx = { .order = DEVICES_DEBUG_EXIT,
		.code = DISK_LOADER_NO_SYSTEM };
	char text[MACHINE_REASON_MAX];
	uint8_t code;

	create(1, 16 * MIB);
	machine_effect(&m, &fx);
	cr_expect_eq(machine_ending(&m, &code, text), MACHINE_PAYLOAD_EXIT);
	cr_expect_eq(code, DISK_LOADER_NO_SYSTEM);
}

Test(machine, memory_cannot_change_its_size)
{
	create(1, 16 * MIB);
	cr_expect_eq(ftruncate(m.memory.fd, 4096), -1);
	cr_expect_eq(ftruncate(m.memory.fd, 32 * MIB), -1);
}

Test(machine, processors_wait_until_they_may_run)
{
	create(2, 16 * MIB);
	cr_assert_eq(machine_start_threads(&m, &e), 0);
	cr_expect_eq(m.parked, 2);
	cr_expect_eq(atomic_load(&fake.inside), 0);
	cr_assert_eq(machine_resume(&m, &e), 0);
	cr_expect(comes_true(two_inside));
}

Test(machine, pause_brings_all_out_and_stops_the_clock)
{
	create(2, 16 * MIB);
	cr_assert_eq(machine_start_threads(&m, &e), 0);
	for (int i = 0; i < 50; i++) {
		cr_assert_eq(machine_resume(&m, &e), 0);
		cr_expect(!fake.frozen);
		/* At once, too, when they may be anywhere. */
		if (i % 2 == 0)
			cr_assert(comes_true(two_inside));
		cr_assert_eq(machine_pause(&m, &e), 0, "%s", e.text);
		cr_expect_eq(atomic_load(&fake.inside), 0);
		cr_expect(fake.frozen);
	}
}

Test(machine, goes_on_when_the_clock_cannot_be_stopped)
{
	create(2, 16 * MIB);
	cr_assert_eq(machine_start_threads(&m, &e), 0);
	cr_assert_eq(machine_resume(&m, &e), 0);
	fake.refuse_freeze = true;
	cr_expect_eq(machine_pause(&m, &e), -1);
	cr_expect(comes_true(two_inside));
}

Test(machine, a_processor_that_cannot_run_ends_the_child)
{
	char text[MACHINE_REASON_MAX];
	uint8_t code;

	fake.run_error = EIO;
	create(2, 16 * MIB);
	cr_assert_eq(machine_start_threads(&m, &e), 0);
	cr_assert_eq(machine_resume(&m, &e), 0);
	cr_assert(comes_true(has_ended));
	cr_expect_eq(machine_ending(&m, &code, text), MACHINE_FAILED);
	cr_expect(strstr(text, "cannot run") != NULL, "%s", text);
}

Test(machine, an_ended_child_stays_ended)
{
	struct hv_message msg = { .header.message_type =
		HVMSG_UNRECOVERABLE_EXCEPTION };

	fake_message(&msg);
	create(2, 16 * MIB);
	cr_assert_eq(machine_start_threads(&m, &e), 0);
	cr_assert_eq(machine_resume(&m, &e), 0);
	cr_assert(comes_true(has_ended));
	cr_assert_eq(machine_pause(&m, &e), 0);
	cr_assert_eq(machine_resume(&m, &e), 0);
	cr_expect_eq(atomic_load(&m.gate), MACHINE_QUIT);
}

Test(machine, nobody_is_inside_when_the_worker_leaves)
{
	create(2, 16 * MIB);
	cr_assert_eq(machine_start_threads(&m, &e), 0);
	cr_assert_eq(machine_resume(&m, &e), 0);
	cr_assert(comes_true(two_inside));
	machine_end(&m, MACHINE_POWERED_OFF, 0, "ended on request");
	machine_stop_threads(&m);
	cr_expect_eq(atomic_load(&fake.inside), 0);
}

Test(machine, output_wakes_the_main_loop_once)
{
	struct devices_effect fx = { .output = true };
	uint64_t n = 0;

	create(1, 16 * MIB);
	machine_effect(&m, &fx);
	machine_effect(&m, &fx);
	cr_assert_eq(read(m.event_fd, &n, sizeof(n)), sizeof(n));
	cr_expect_eq(n, 1);
	atomic_store(&m.woken, false);
	machine_effect(&m, &fx);
	cr_expect_eq(read(m.event_fd, &n, sizeof(n)), sizeof(n));
}

Test(machine, an_interrupt_is_passed_on)
{
	struct devices_effect fx = { .raise = true,
		.interrupt = { .vector = 0x41, .destination = 1 } };

	create(1, 16 * MIB);
	machine_effect(&m, &fx);
	cr_expect_eq(fake.interrupts, 1);
	cr_expect_eq(fake.interrupt.vector, 0x41);
}
