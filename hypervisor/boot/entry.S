/* SPDX-License-Identifier: Apache-2.0 */
/* The multiboot2 header, and the way from 32-bit protected mode to C. */

#include <mullion/config.h>

#define HEADER_MAGIC	0xe85250d6
#define LOADER_MAGIC	0x36d76289
#define IMAGE_BASE	0xffffffff80000000
#define LOAD_MIN	0x200000
#define LOAD_MAX	0xffffffff
#define LOAD_ALIGN	0x200000
#define PREFER_LOW	1

#define CR0_WP_PG	0x80010000
#define CR4_PAE		0x20
#define MSR_EFER	0xc0000080
#define EFER_LME_NXE	0x900
#define SELECTOR_CODE	0x10
#define SELECTOR_DATA	0x18
#define PTE_TABLE	0x03
#define PTE_2M		0x83
#define SIZE_2M		0x200000
#define CPUID_LONG_MODE	29
#define CPUID_NO_EXEC	20
#define SERIAL_STATUS	(HV_SERIAL_PORT + 5)
#define EGA_TEXT	0xb8000
#define EGA_GREY	0x07

/* Above the first stack there is struct lp_top. */
#define BLOCK_SIZE	(1 << HV_LOG2_STACK_SIZE)
#define TOP_SIZE	64

	.section .multiboot, "a"
	.balign	8
header:
	.long	HEADER_MAGIC
	.long	0				/* i386 */
	.long	header_end - header
	.long	-(HEADER_MAGIC + header_end - header)

	.balign	8				/* what we cannot do without */
	.short	1, 0
	.long	12
	.long	6				/* the memory map */
	.balign	8				/* modules at page boundaries */
	.short	6, 0
	.long	8
	.balign	8				/* any screen will do */
	.short	5, 1
	.long	20
	.long	0, 0, 0
	.balign	8				/* load us anywhere */
	.short	10, 0
	.long	24
	.long	LOAD_MIN, LOAD_MAX, LOAD_ALIGN, PREFER_LOW
	.balign	8
	.short	0, 0
	.long	8
header_end:

/* What is at @x, wherever we were loaded: EBP is IMAGE_BASE's address. */
#define PHYS(x)		(x - IMAGE_BASE)(%ebp)

	.section .text.boot, "ax"
	.code32
	.globl	boot_entry
boot_entry:
	cli
	cld
	cmpl	$LOADER_MAGIC, %eax
	jne	halt
	/* Of all memory only the reserved word of the information is ours. */
	leal	8(%ebx), %esp
	call	1f
1:	popl	%ebp
	subl	$(1b - IMAGE_BASE), %ebp
	leal	PHYS(boot_block + BLOCK_SIZE - TOP_SIZE), %esp
	/* CPUID below uses EBX. */
	movl	%ebx, %edi

	movl	$0x80000000, %eax
	cpuid
	leal	PHYS(no_long_mode), %esi
	cmpl	$0x80000001, %eax
	jb	say_and_halt
	movl	$0x80000001, %eax
	cpuid
	btl	$CPUID_LONG_MODE, %edx
	jnc	say_and_halt
	leal	PHYS(no_execute_disable), %esi
	btl	$CPUID_NO_EXEC, %edx
	jnc	say_and_halt

	/* 4 GiB where they are, and again at the direct map. */
	leal	PHYS(boot_pd), %ebx
	movl	$PTE_2M, %eax
	movl	$2048, %ecx
1:	movl	%eax, (%ebx)
	addl	$SIZE_2M, %eax
	addl	$8, %ebx
	loop	1b
	leal	PHYS(boot_pdpt), %ebx
	leal	PTE_TABLE + PHYS(boot_pd), %eax
	movl	$4, %ecx
1:	movl	%eax, (%ebx)
	addl	$4096, %eax
	addl	$8, %ebx
	loop	1b
	/* The image, where it was linked; it fits 2 MiB. */
	leal	PTE_2M(%ebp), %eax
	movl	%eax, PHYS(boot_pd_image)
	leal	PTE_TABLE + PHYS(boot_pd_image), %eax
	movl	%eax, PHYS(boot_pdpt_image + 510 * 8)
	leal	PTE_TABLE + PHYS(boot_pdpt), %eax
	movl	%eax, PHYS(boot_pml4)
	movl	%eax, PHYS(boot_pml4 + 256 * 8)
	leal	PTE_TABLE + PHYS(boot_pdpt_image), %eax
	movl	%eax, PHYS(boot_pml4 + 511 * 8)

	movl	$CR4_PAE, %eax
	movl	%eax, %cr4
	leal	PHYS(boot_pml4), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME_NXE, %eax
	wrmsr
	movl	%cr0, %eax
	orl	$CR0_WP_PG, %eax
	movl	%eax, %cr0

	leal	PHYS(boot_gdt), %eax
	pushl	%eax
	pushw	$(boot_gdt_end - boot_gdt - 1)
	lgdt	(%esp)
	leal	PHYS(boot_block + BLOCK_SIZE - TOP_SIZE), %esp
	pushl	$SELECTOR_CODE
	leal	PHYS(long_mode), %eax
	pushl	%eax
	lret

/* ESI: the text. Serial port and the screen's first line. */
say_and_halt:
	movl	$EGA_TEXT, %edi
1:	movw	$SERIAL_STATUS, %dx
2:	inb	%dx, %al
	testb	$0x20, %al
	jz	2b
	lodsb
	testb	%al, %al
	jz	halt
	movw	$HV_SERIAL_PORT, %dx
	outb	%al, %dx
	movb	$EGA_GREY, %ah
	stosw
	jmp	1b
halt:
	hlt
	jmp	halt

	.code64
long_mode:
	movl	$SELECTOR_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %fs
	movl	%eax, %gs
	/* From where we were loaded to where we were linked. */
	movq	$boot_high, %rax
	jmp	*%rax
boot_high:
	movq	$boot_block + BLOCK_SIZE - TOP_SIZE, %rsp
	movl	%edi, %edi
	movl	%ebp, %esi
	xorl	%ebp, %ebp
	call	boot_main

	.section .rodata.boot, "a"
	.balign	8
boot_gdt:
	.quad	0, 0
	.quad	0x00af9b000000ffff		/* 64-bit code */
	.quad	0x00cf93000000ffff		/* data */
boot_gdt_end:
no_long_mode:
	.asciz	"mullion: cannot start: a 64-bit processor is needed\r\n"
no_execute_disable:
	.asciz	"mullion: cannot start: the processor must have (and the firmware enable) no-execute pages\r\n"

	.section .bss.boot, "aw", @nobits
	.globl	boot_block
	.balign	BLOCK_SIZE
boot_block:
	.skip	BLOCK_SIZE
boot_pml4:
	.skip	4096
boot_pdpt:
	.skip	4096
boot_pd:
	.skip	4 * 4096
boot_pdpt_image:
	.skip	4096
boot_pd_image:
	.skip	4096

	.section .note.GNU-stack, "", @progbits
