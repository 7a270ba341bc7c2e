/* SPDX-License-Identifier: Apache-2.0 */
/* The DSDT: what a child's kernel cannot find out about the machine. */
#include <stdio.h>

#include "worker/acpi.h"
#include "worker/aml.h"

#define HEADER_SIZE 36
#define RESOURCES_MAX 128

static void
name_integer(struct aml *a, const char *name, uint64_t value)
{
	aml_name(a, name);
	aml_integer(a, value);
}

static void
name_string(struct aml *a, const char *name, const char *text)
{
	aml_name(a, name);
	aml_string(a, text);
}

static void
name_eisa_id(struct aml *a, const char *name, const char *id)
{
	aml_name(a, name);
	aml_eisa_id(a, id);
}

static void
sleep_package(struct aml *a)
{
	size_t package;

	aml_name(a, "\\_S5");
	package = aml_open_package(a, 2);
	aml_integer(a, ACPI_SLEEP_TYPE_S5);
	aml_integer(a, 0);
	aml_close(a, package);
}

static void
processors(struct aml *a, unsigned cpus)
{
	for (unsigned i = 0; i < cpus; i++) {
		char name[5];
		size_t device;

		snprintf(name, sizeof(name), "C%03X", i & 0xfffU);
		device = aml_open_device(a, name);
		name_string(a, "_HID", "ACPI0007");
		name_integer(a, "_UID", i);
		aml_close(a, device);
	}
}

/*
 * VMBus has no registers: a kernel loads its driver when it finds the id. The
 * windows, in the parent device, are where drivers on VMBus place what they
 * map.
 */
static void
vmbus(struct aml *a, const struct memmap *memory)
{
	uint8_t bytes[RESOURCES_MAX];
	struct aml res;
	size_t module, bus;

	module = aml_open_device(a, "VMOD");
	name_string(a, "_HID", "ACPI0004");
	name_integer(a, "_UID", 0);
	aml_init(&res, bytes, sizeof(bytes));
	aml_memory_window(&res, MEMMAP_HOLE, MEMMAP_WINDOW_END - MEMMAP_HOLE);
	aml_memory_window(&res, memmap_high_window(memory),
	    MEMMAP_HIGH_WINDOW_SIZE);
	aml_resources(a, &res);

	bus = aml_open_device(a, "VMBS");
	name_string(a, "_HID", "VMBus");
	name_integer(a, "_UID", 0);
	name_integer(a, "_STA", 0xf);
	aml_init(&res, bytes, sizeof(bytes));
	aml_resources(a, &res);
	aml_close(a, bus);
	aml_close(a, module);
}

static void
serial(struct aml *a)
{
	uint8_t bytes[RESOURCES_MAX];
	struct aml res;
	size_t device;

	device = aml_open_device(a, "COM1");
	name_eisa_id(a, "_HID", "PNP0501");
	name_integer(a, "_UID", 0);
	aml_init(&res, bytes, sizeof(bytes));
	aml_io_ports(&res, ACPI_SERIAL_PORT, 8);
	aml_edge_interrupt(&res, ACPI_SERIAL_GSI);
	aml_resources(a, &res);
	aml_close(a, device);
}

/* Without fixed hardware the power button is an event of a generic device. */
static void
power_button(struct aml *a)
{
	uint8_t bytes[RESOURCES_MAX];
	struct aml res;
	size_t device, method, condition;

	device = aml_open_device(a, "PWRB");
	name_eisa_id(a, "_HID", "PNP0C0C");
	name_integer(a, "_UID", 0);
	aml_close(a, device);

	device = aml_open_device(a, "GED0");
	name_string(a, "_HID", "ACPI0013");
	name_integer(a, "_UID", 0);
	aml_init(&res, bytes, sizeof(bytes));
	aml_edge_interrupt(&res, ACPI_EVENT_GSI);
	aml_resources(a, &res);
	method = aml_open_method(a, "_EVT", 1, true);
	condition = aml_open_if_arg0_is(a, ACPI_EVENT_GSI);
	aml_notify(a, "\\_SB.PWRB", 0x80);
	aml_close(a, condition);
	aml_close(a, method);
	aml_close(a, device);
}

size_t
acpi_build_dsdt(const struct acpi_machine *m, uint8_t *out, size_t size)
{
	static const uint8_t header[HEADER_SIZE];
	struct aml a;
	size_t scope;

	aml_init(&a, out, size);
	aml_bytes(&a, header, sizeof(header));
	sleep_package(&a);
	scope = aml_open_scope(&a, "\\_SB");
	processors(&a, m->cpus);
	if (m->serial)
		serial(&a);
	power_button(&a);
	vmbus(&a, &m->memory);
	aml_close(&a, scope);
	if (a.overflow)
		return 0;
	acpi_finish_table(out, a.len, "DSDT", 2);
	return a.len;
}
