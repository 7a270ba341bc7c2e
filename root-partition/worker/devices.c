/* SPDX-License-Identifier: Apache-2.0 */
/* The map from ports and addresses to devices. */
#include "worker/devices.h"

#include "worker/acpi.h"
#include "worker/memmap.h"

enum {
	PORT_SYSTEM_B = 0x61,
	PORT_KEYBOARD = 0x64,
	PORT_CMOS_INDEX = 0x70,
	PORT_CMOS_DATA = 0x71,
	PORT_DEBUG_BYTE = 0xe9,
	PORT_DEBUG_EXIT = 0xf4,
	PORT_PM1_CONTROL_HIGH = 0x605,
	PORT_RESET_CONTROL = 0xcf9,
};

/* The output of timer 2 is up: who waits for it does not wait long. */
#define SYSTEM_B_TIMER_OUT 0x20
#define KEYBOARD_PULSE_RESET 0xfe
#define RESET_CONTROL_CPU 0x04
#define SLEEP_TYPE_SHIFT 2
#define SLEEP_TYPE_MASK 7

void
devices_init(struct devices *d, bool serial, uint8_t *output)
{
	uart_init(&d->uart);
	cmos_init(&d->cmos);
	ioapic_init(&d->ioapic);
	d->output = (struct ring){ .bytes = output,
		.size = DEVICES_OUTPUT_SIZE };
	d->serial = serial;
}

static void
line_set(struct devices *d, unsigned pin, bool level,
    struct devices_effect *fx)
{
	if (ioapic_set_line(&d->ioapic, pin, level, &fx->interrupt))
		fx->raise = true;
}

static void
print(struct devices *d, uint8_t byte, struct devices_effect *fx)
{
	ring_push(&d->output, byte);
	fx->output = true;
}

static bool
is_serial(const struct devices *d, unsigned port)
{
	return d->serial && port - ACPI_SERIAL_PORT < UART_REGISTERS;
}

static uint8_t
serial_in(struct devices *d, unsigned reg, struct devices_effect *fx)
{
	size_t room = uart_room(&d->uart);
	uint8_t value = uart_read(&d->uart, reg);

	if (uart_room(&d->uart) == UART_RECEIVE_MAX && room < UART_RECEIVE_MAX)
		fx->input_wanted = true;
	line_set(d, ACPI_SERIAL_GSI, uart_interrupt(&d->uart), fx);
	return value;
}

static void
serial_out(struct devices *d, unsigned reg, uint8_t value,
    struct devices_effect *fx)
{
	if (uart_write(&d->uart, reg, value))
		print(d, value, fx);
	line_set(d, ACPI_SERIAL_GSI, uart_interrupt(&d->uart), fx);
}

static uint8_t
byte_in(struct devices *d, unsigned port, struct devices_effect *fx)
{
	if (is_serial(d, port))
		return serial_in(d, port - ACPI_SERIAL_PORT, fx);
	switch (port) {
	case PORT_SYSTEM_B:
		return SYSTEM_B_TIMER_OUT;
	case PORT_CMOS_DATA:
		return cmos_read(&d->cmos, time(NULL));
	case PORT_DEBUG_BYTE:
		return PORT_DEBUG_BYTE;	/* that is how it is detected */
	case ACPI_SLEEP_CONTROL_PORT:
	case ACPI_SLEEP_STATUS_PORT:
	case ACPI_RESET_PORT:
		return 0;
	default:
		return 0xff;
	}
}

static void
sleep_control(uint8_t value, struct devices_effect *fx)
{
	if ((value & ACPI_SLEEP_ENABLE) != 0 &&
	    (value >> SLEEP_TYPE_SHIFT & SLEEP_TYPE_MASK) ==
	    ACPI_SLEEP_TYPE_S5)
		fx->order = DEVICES_POWER_OFF;
}

static void
byte_out(struct devices *d, unsigned port, uint8_t value,
    struct devices_effect *fx)
{
	if (is_serial(d, port)) {
		serial_out(d, port - ACPI_SERIAL_PORT, value, fx);
		return;
	}
	switch (port) {
	case PORT_CMOS_INDEX:
		cmos_select(&d->cmos, value);
		break;
	case PORT_CMOS_DATA:
		cmos_write(&d->cmos, value);
		break;
	case PORT_DEBUG_BYTE:
		print(d, value, fx);
		break;
	case PORT_DEBUG_EXIT:
		fx->order = DEVICES_DEBUG_EXIT;
		fx->code = value;
		break;
	case PORT_KEYBOARD:
		if (value == KEYBOARD_PULSE_RESET)
			fx->order = DEVICES_RESET;
		break;
	case ACPI_SLEEP_CONTROL_PORT:
		sleep_control(value, fx);
		break;
	case ACPI_RESET_PORT:
		if (value == ACPI_RESET_VALUE)
			fx->order = DEVICES_RESET;
		break;
	case PORT_PM1_CONTROL_HIGH:
		/* Bit 13 of a PC's PM1 control: payloads end with it. */
		if ((value & ACPI_SLEEP_ENABLE) != 0)
			fx->order = DEVICES_POWER_OFF;
		break;
	default:
		break;
	}
}

uint32_t
devices_in(struct devices *d, uint16_t port, unsigned size,
    struct devices_effect *fx)
{
	uint32_t value = 0;

	*fx = (struct devices_effect){ .order = DEVICES_GO_ON };
	for (unsigned i = 0; i < size; i++)
		value |= (uint32_t)byte_in(d, port + i, fx) << (8 * i);
	return value;
}

void
devices_out(struct devices *d, uint16_t port, unsigned size, uint32_t value,
    struct devices_effect *fx)
{
	*fx = (struct devices_effect){ .order = DEVICES_GO_ON };
	for (unsigned i = 0; i < size; i++)
		byte_out(d, port + i, (uint8_t)(value >> (8 * i)), fx);
	/* Wider, the same bits belong to an address of PCI configuration. */
	if (port == PORT_RESET_CONTROL && size == 1 &&
	    (value & RESET_CONTROL_CPU) != 0)
		fx->order = DEVICES_RESET;
}

static bool
is_ioapic(uint64_t gpa)
{
	return gpa - MEMMAP_IOAPIC < MEMMAP_IOAPIC_SIZE;
}

uint64_t
devices_load(struct devices *d, uint64_t gpa, unsigned size)
{
	/* Its registers are defined for accesses of 4 bytes only. */
	if (is_ioapic(gpa) && size == 4)
		return ioapic_read(&d->ioapic,
		    (uint32_t)(gpa - MEMMAP_IOAPIC));
	return UINT64_MAX;
}

void
devices_store(struct devices *d, uint64_t gpa, unsigned size, uint64_t value)
{
	if (is_ioapic(gpa) && size == 4)
		ioapic_write(&d->ioapic, (uint32_t)(gpa - MEMMAP_IOAPIC),
		    (uint32_t)value);
}

void
devices_type(struct devices *d, const uint8_t *bytes, size_t len,
    struct devices_effect *fx)
{
	*fx = (struct devices_effect){ .order = DEVICES_GO_ON };
	uart_receive(&d->uart, bytes, len);
	line_set(d, ACPI_SERIAL_GSI, uart_interrupt(&d->uart), fx);
}

bool
devices_press_power(struct devices *d, struct devices_effect *fx)
{
	*fx = (struct devices_effect){ .order = DEVICES_GO_ON };
	if (!ioapic_enabled(&d->ioapic, ACPI_EVENT_GSI))
		return false;
	line_set(d, ACPI_EVENT_GSI, true, fx);
	/* A pulse: there is nothing to acknowledge. */
	d->ioapic.line[ACPI_EVENT_GSI] = false;
	return true;
}
