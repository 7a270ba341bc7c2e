/* SPDX-License-Identifier: Apache-2.0 */
/* From the boot loader to the first processor's loop, step by step. */

#include <mullion/build-id.h>
#include <mullion/config.h>

#include "boot/pages.h"
#include "boot/parent.h"
#include "core/memory_access.h"
#include "core/print.h"
#include "x86/acpi.h"
#include "x86/console.h"
#include "x86/cpu.h"
#include "x86/lapic.h"
#include "x86/paging.h"
#include "x86/port.h"
#include "x86/screen.h"
#include "x86/smp.h"
#include "x86/traps.h"
#include "x86/tsc.h"
#include "x86/vendor.h"

#define CPUID_1_ECX_X2APIC	(UINT32_C(1) << 21)
#define PORT_PIC_MASK_1		0x21
#define PORT_PIC_MASK_2		0xa1
#define LIMIT_4G		UINT64_C(0x100000000)
#define MIB			(UINT64_C(1) << 20)

extern const char image_start[];
extern const char image_end[];

_Noreturn void boot_main(uint32_t information, uint32_t image);

static struct boot_info info;
static struct bzimage kernel;
static struct plan plan;

const struct memory_map *
boot_memory_map(void)
{
	return &info.memory;
}

/* Booting cannot go on: what is wrong, and what would be right. */
static _Noreturn void
refuse(const char *wrong, const char *needed)
{
	hv_printf("cannot start: %s", wrong);
	hv_printf("needed: %s", needed);
	cpu_halt();
}

/* What lies higher can be drawn on only after paging_init. */
static bool
screen_is_low(void)
{
	uint64_t size = screen_memory_size(&info.screen);

	return size < LIMIT_4G && info.screen.addr < LIMIT_4G - size;
}

static void
open_screen(void)
{
	screen_open(&info.screen, spa_to_ptr(spa(info.screen.addr)));
}

static void
read_boot_information(uint32_t addr)
{
	const uint8_t *bytes = spa_to_ptr(spa(addr));
	const char *wrong;

	wrong = multiboot_parse(bytes, MULTIBOOT_SIZE_MAX, &info);
	if (wrong != NULL)
		refuse(wrong, "a boot loader that keeps to multiboot2");
	if (screen_is_low())
		open_screen();
	if (memory_map_ram(&info.memory) == 0)
		refuse("the boot loader gave no memory map",
		    "a boot loader that keeps to multiboot2");
}

static void
check_processor(void)
{
	const char *missing = vendor_missing();

	if (missing != NULL)
		refuse(missing, "an AMD processor with SVM and nested paging,"
		    " enabled in the firmware");
	if ((cpuid(1, 0).ecx & CPUID_1_ECX_X2APIC) == 0)
		refuse("the processor has no x2APIC",
		    "a processor with x2APIC, enabled in the firmware");
}

static void
check_modules(void)
{
	const char *wrong;

	if (info.module_count == 0)
		refuse("no parent kernel was given",
		    "lines 'module2 KERNEL ARGUMENTS' and 'module2 INITRD'"
		    " after 'multiboot2' in the boot menu's entry");
	wrong = bzimage_parse(spa_to_ptr(spa(info.module[0].start)),
	    info.module[0].size, &kernel);
	if (wrong == NULL)
		wrong = parent_check(&info, &kernel);
	if (wrong != NULL) {
		hv_printf("the first module should be the parent kernel:");
		refuse(wrong, "a 64-bit Linux kernel (bzImage) as the first"
		    " module and its initrd as the second");
	}
	if (info.module_count > ARRAY_SIZE(info.module))
		hv_printf("only the first two of %zu modules are used",
		    info.module_count);
}

static struct plan_area
image_area(void)
{
	return (struct plan_area){ image_spa,
	    (uint64_t)(image_end - image_start) };
}

static void
make_plan(const struct plan_area *image, uint32_t information)
{
	const struct plan_input in = {
		.memory = &info.memory,
		.image = *image,
		.taken = {
			{ info.module[0].start, info.module[0].size },
			{ info.module[1].start, info.module[1].size },
			{ information, *(const uint32_t *)
			    spa_to_ptr(spa(information)) },
		},
		.processors = boot_processor_count(),
		.huge_pages = paging_has_huge_pages(),
		.kernel = &kernel,
		.handover_size = parent_handover_size(),
	};
	const char *wrong = plan_make(&in, &plan);
	uint64_t ram = memory_map_ram(&info.memory) / MIB;

	/* With less, Linux would start, and then kill its own processes. */
	if (wrong == NULL && ram < HV_MEMORY_MIN)
		wrong = "too little memory for the parent partition";
	if (wrong == NULL)
		return;
	hv_printf("this machine has %lu MiB of RAM, of at least %u; the parent "
	    "kernel takes %lu MiB and its modules %lu MiB only to start",
	    ram, HV_MEMORY_MIN, kernel.init_size / MIB,
	    (info.module[0].size + info.module[1].size) / MIB);
	refuse(wrong, "more memory, or a smaller kernel and initrd");
}

static void
switch_paging(void)
{
	uint64_t size = screen_memory_size(&info.screen);
	uint64_t addr = info.screen.addr;

	paging_init(&info.memory);
	if (size == 0)
		return;
	if (memory_map_type(&info.memory, addr) == MEMORY_RAM ||
	    size > SIZE_1G || addr > DIRECTMAP_SIZE - size) {
		screen_close();
		return;
	}
	paging_map_device(addr, size);
	if (!screen_is_low())
		open_screen();
}

static void
print_banner(void)
{
	uint64_t own = plan.private.size + plan.shared.size + PAGE_SIZE +
	    (uint64_t)(image_end - image_start);
	char features[80];

	vendor->describe(features, sizeof(features));
	hv_printf("Mullion %s, %s: %s", MULLION_BUILD_ID, vendor->name,
	    features);
	hv_printf("%u processor%s at %lu MHz, %lu MiB of RAM, %lu KiB of it "
	    "for the hypervisor", boot_processor_count(),
	    boot_processor_count() == 1 ? "" : "s", tsc_hz() / 1000000,
	    memory_map_ram(&info.memory) / MIB, own / 1024);
}

uint32_t
boot_processor_count(void)
{
	return MIN(acpi_processor_count(), (uint32_t)HV_MAX_PROCESSORS);
}

/* @information: the boot loader's; @image: where we are; both physical. */
_Noreturn void
boot_main(uint32_t information, uint32_t image)
{
	struct lp *lp = smp_boot_lp();
	struct parent_entry entry;
	struct plan_area own;

	image_spa = image;
	console_init();
	traps_init();
	traps_load();
	own = image_area();

	read_boot_information(information);
	check_processor();
	check_modules();
	if (!acpi_init(info.rsdp, info.rsdp_size))
		hv_printf("no ACPI tables: one processor, no power-off");

	make_plan(&own, information);
	pages_init(&plan, &own, memory_map_ram_end(&info.memory));
	switch_paging();
	outb(PORT_PIC_MASK_1, 0xff);
	outb(PORT_PIC_MASK_2, 0xff);
	smp_setup_processor();
	lp->apic_id = lapic_id();
	tsc_calibrate(acpi_fadt()->pm_timer);
	smp_init(spa(plan.trampoline));

	print_banner();
	parent_load(&info, &kernel, &plan, &entry);
	lp_register(lp);
	root_create(&entry);
	screen_close();
	lp_main(lp);
}
