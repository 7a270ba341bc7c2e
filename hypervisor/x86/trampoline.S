/* SPDX-License-Identifier: Apache-2.0 */
/* Where another processor starts: from real mode straight to long mode. */

#define CR0_PE_WP_PG	0x80010001
#define CR4_PAE		0x20
#define MSR_EFER	0xc0000080
#define EFER_LME_NXE	0x900
#define SELECTOR_CODE	0x10
#define SELECTOR_DATA	0x18

/* Copied to a page below 1 MiB; all offsets are from the page's start. */
#define OFFSET(x)	(x - trampoline_start)

	.section .rodata.trampoline, "a"
	.globl	trampoline_start, trampoline_end, trampoline_data
	.balign	16
	.code16
trampoline_start:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	lgdtl	OFFSET(gdt_pointer)
	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	movl	OFFSET(root), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	movl	$EFER_LME_NXE, %eax
	xorl	%edx, %edx
	wrmsr
	movl	$CR0_PE_WP_PG, %eax
	movl	%eax, %cr0
	ljmpl	*OFFSET(far_pointer)

	.code64
long_mode:
	movl	$SELECTOR_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movq	stack(%rip), %rsp
	movq	argument(%rip), %rdi
	movq	entry(%rip), %rax
	xorl	%ebp, %ebp
	call	*%rax

	.balign	8
gdt:
	.quad	0, 0
	.quad	0x00af9b000000ffff	/* 64-bit code */
	.quad	0x00cf93000000ffff	/* data */
gdt_end:

/* struct trampoline_data: the page's own addresses, then the processor's. */
	.balign	8
trampoline_data:
gdt_pointer:
	.word	gdt_end - gdt - 1
	.long	0
	.word	0
far_pointer:
	.long	OFFSET(long_mode)
	.word	SELECTOR_CODE
	.word	0
root:
	.quad	0
stack:
	.quad	0
argument:
	.quad	0
entry:
	.quad	0
trampoline_end:

	.globl	trampoline_gdt
	.set	trampoline_gdt, OFFSET(gdt)

	.section .note.GNU-stack, "", @progbits
