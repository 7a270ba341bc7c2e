/* SPDX-License-Identifier: Apache-2.0 */
/* From the PVH entry to 64-bit C on the first processor, and from a SIPI to
   64-bit C on the others. */

#define CR0_ON		0x80010003	/* PG, WP, MP, PE */
#define CR0_OFF		0x60000004	/* CD, NW, EM */
#define CR4_ON		0x620		/* PAE, OSFXSR, OSXMMEXCPT */
#define EFER		0xc0000080
#define EFER_ON		0x901		/* NXE, LME, SCE */

#define SEL_CODE	0x08
#define SEL_DATA	0x10
#define SEL_CODE32	0x18

	.section .note.pvh, "a", @note
	.align 4
	.long 4, 4, 18			/* XEN_ELFNOTE_PHYS32_ENTRY */
	.asciz "Xen"
	.long start32

	.section .text.start, "ax"
	.code32
	.globl start32
start32:
	cli
	cld
	movl %ebx, %esi			/* struct hvm_start_info */
	movl $boot_stack_top, %esp
	call map_4gib
	call paging_on
	lgdt gdt_pointer
	ljmp $SEL_CODE, $start64

	.code64
start64:
	call data_segments
	mov $boot_stack_top, %rsp
	movl %esi, %edi
	call payload_main
1:	cli
	hlt
	jmp 1b

/* The first 4 GiB as themselves in 2 MiB pages that user mode may touch. */
	.code32
map_4gib:
	movl $page_pdpt + 7, page_pml4
	movl $page_directories + 7, %eax
	movl $page_pdpt, %edx
	movl $4, %ecx
1:	movl %eax, (%edx)
	addl $4096, %eax
	addl $8, %edx
	loop 1b
	movl $0x87, %eax
	movl $page_directories, %edx
	movl $2048, %ecx
2:	movl %eax, (%edx)
	addl $0x200000, %eax
	addl $8, %edx
	loop 2b
	ret

paging_on:
	movl $page_pml4, %eax
	movl %eax, %cr3
	movl %cr4, %eax
	orl $CR4_ON, %eax
	movl %eax, %cr4
	movl $EFER, %ecx
	rdmsr
	orl $EFER_ON, %eax
	wrmsr
	movl %cr0, %eax
	andl $~CR0_OFF, %eax
	orl $CR0_ON, %eax
	movl %eax, %cr0
	ret

	.code64
	.globl data_segments
data_segments:
	mov $SEL_DATA, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	xor %eax, %eax
	mov %eax, %fs
	mov %eax, %gs
	ret

/* Copied to a page below 1 MiB and entered in real mode at CS:0. */
/* Addresses inside it are relative to CS. */
	.globl ap_trampoline, ap_trampoline_end
	.code16
ap_trampoline:
	cli
	cld
	movw %cs, %ax
	movw %ax, %ds
	lgdtl ap_gdt_pointer - ap_trampoline
	movl %cr0, %eax
	andl $~CR0_OFF, %eax
	orl $1, %eax
	movl %eax, %cr0
	ljmpl $SEL_CODE32, $ap_start32
	.align 4
ap_gdt_pointer:
	.word 0xff			/* enough for the segments */
	.long gdt
ap_trampoline_end:

	.code32
ap_start32:
	movw $SEL_DATA, %ax
	movw %ax, %ds
	movw %ax, %es
	movw %ax, %ss
	movl ap_stack, %esp		/* set by the starter, one at a time */
	call paging_on
	lgdt gdt_pointer
	ljmp $SEL_CODE, $ap_start64
	.code64
ap_start64:
	call data_segments
	movl ap_stack, %esp
	call smp_ap_main
1:	cli
	hlt
	jmp 1b

	.section .bss
	.align 4096
	.globl page_pml4, page_pdpt, page_directories
page_pml4:
	.skip 4096
page_pdpt:
	.skip 4096
page_directories:
	.skip 4 * 4096
	.skip 32768
boot_stack_top:
	.globl ap_stack
ap_stack:
	.skip 8
