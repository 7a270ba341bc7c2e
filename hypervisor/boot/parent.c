/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the parent kernel and what it is entered with into its memory. */

#include "boot/parent.h"

#include <mullion/config.h>

#include "core/assert.h"
#include "core/memory_access.h"
#include "core/print.h"
#include "core/string.h"
#include "x86/acpi.h"

#define ENTRY_64BIT	0x200	/* from where the kernel was loaded */
#define PTE_TABLE	0x03	/* present, writable */
#define PTE_2M		0x83
#define GIB_MAPPED	4
#define CMDLINE_ROOM	4096
/* What build_cmdline may add. */
#define LIMIT_TEXT_MAX	16

/* The parent overwrites it once it has tables of its own. */
struct handover {
	uint8_t boot_params[BOOT_PARAMS_SIZE];
	char cmdline[CMDLINE_ROOM];
	uint64_t pml4[512];
	uint64_t pdpt[512];
	uint64_t pd[GIB_MAPPED * 512];
	uint64_t gdt[4];
	uint8_t setup_data[BOOT_SETUP_DATA_SIZE];
};
_Static_assert(offsetof(struct handover, pml4) % 4096 == 0, "page tables");
_Static_assert(offsetof(struct handover, gdt) % 4096 == 0, "page tables");

size_t
parent_handover_size(void)
{
	return sizeof(struct handover);
}

const char *
parent_check(const struct boot_info *info, const struct bzimage *kernel)
{
	const struct boot_module *initrd = &info->module[1];
	size_t length = strlen(info->module[0].text) + LIMIT_TEXT_MAX;

	if (length > kernel->cmdline_max || length >= CMDLINE_ROOM)
		return "its command line is too long";
	if (info->module_count > 1 && initrd->size > 0 &&
	    initrd->start + initrd->size - 1 > kernel->initrd_max)
		return "it cannot reach so high for its initrd";
	return NULL;
}

static void
build_tables(struct handover *h, uint64_t at)
{
	uint64_t pdpt = at + offsetof(struct handover, pdpt);
	uint64_t pd = at + offsetof(struct handover, pd);

	memset(h->pml4, 0, sizeof(h->pml4));
	memset(h->pdpt, 0, sizeof(h->pdpt));
	h->pml4[0] = pdpt | PTE_TABLE;
	for (size_t i = 0; i < GIB_MAPPED; i++)
		h->pdpt[i] = (pd + i * PAGE_SIZE) | PTE_TABLE;
	for (size_t i = 0; i < ARRAY_SIZE(h->pd); i++)
		h->pd[i] = i * SIZE_2M | PTE_2M;
	/* The boot protocol's flat segments, at 0x10 and 0x18. */
	h->gdt[0] = 0;
	h->gdt[1] = 0;
	h->gdt[2] = UINT64_C(0x00af9b000000ffff);
	h->gdt[3] = UINT64_C(0x00cf93000000ffff);
}

/* Linux ends itself if it is refused a processor that it knows of. */
static void
build_cmdline(struct handover *h, const char *text)
{
	if (acpi_processor_count() <= HV_MAX_PROCESSORS)
		format_text(h->cmdline, sizeof(h->cmdline), "%s", text);
	else
		format_text(h->cmdline, sizeof(h->cmdline), "%s nr_cpus=%u",
		    text, boot_processor_count());
}

/* The loader told only a copy of it, so the parent gets a copy to find. */
static uint64_t
publish_rsdp(const struct boot_info *info)
{
	spa_t page;

	if (info->rsdp_size == 0)
		return 0;
	page = boot_shared_page();
	ASSERT(page.v != 0);
	memcpy(spa_to_ptr(page), info->rsdp, info->rsdp_size);
	return page.v;
}

void
parent_load(const struct boot_info *info, const struct bzimage *kernel,
	const struct plan *plan, struct parent_entry *entry)
{
	const uint8_t *file = spa_to_ptr(spa(info->module[0].start));
	struct handover *h = spa_to_ptr(spa(plan->handover));
	uint64_t at = plan->handover;
	const struct boot_params_input in = {
		.kernel = file,
		.image = kernel,
		.memory = &plan->parent_memory,
		.screen = &info->screen,
		.rsdp = publish_rsdp(info),
		.cmdline = at + offsetof(struct handover, cmdline),
		.initrd = info->module[1].start,
		.initrd_size = info->module[1].size,
		.setup_data = at + offsetof(struct handover, setup_data),
	};

	memcpy(spa_to_ptr(spa(plan->kernel)), file + kernel->payload,
	    kernel->payload_size);
	build_cmdline(h, info->module[0].text);
	boot_params_build(&in, h->boot_params, h->setup_data);
	build_tables(h, at);
	*entry = (struct parent_entry){
		.rip = plan->kernel + ENTRY_64BIT,
		.rsi = at,
		.cr3 = at + offsetof(struct handover, pml4),
		.gdt_base = at + offsetof(struct handover, gdt),
		.gdt_limit = sizeof(h->gdt) - 1,
	};
}
