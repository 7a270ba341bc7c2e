/* SPDX-License-Identifier: Apache-2.0 */
/* What the firmware's tables say about power, clocks and processors. */
#ifndef HV_X86_ACPI_H
#define HV_X86_ACPI_H

#include <tlfs/status.h>

#include "x86/acpi_tables.h"

/*
 * Reads the tables that the copy of the RSDP leads to, while the first 4 GiB
 * are all mapped, and hides those of IOMMUs from the parent: interrupts are
 * mapped by us. False if there are no tables to find.
 */
bool acpi_init(const uint8_t *rsdp, size_t size);

/* All zero without tables. */
const struct acpi_fadt *acpi_fadt(void);

/* The firmware lists a processor with that APIC id as enabled. */
bool acpi_processor_exists(uint32_t apic_id);

/* At least 1. */
uint32_t acpi_processor_count(void);

/*
 * Put the machine to sleep state 5, whose values for the two control blocks
 * the caller knows. Returns only if the machine has no such registers
 * (HV_OPERATION_FAILED).
 */
enum hv_status acpi_power_off(uint8_t slp_a, uint8_t slp_b);

/* Reset the machine: by ACPI's register, or the ways that came before it. */
_Noreturn void machine_reset(void);

#endif /* HV_X86_ACPI_H */
