/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fuzzer in the form of a Linux kernel (bzImage), so that the hypervisor
 * boots it as its parent: setup header, then the 64-bit entry.
 */

#define LOADED_HIGH	1
#define XLOADFLAGS	3		/* 64-bit entry, may be above 4 GiB */
#define SETUP_SIZE	1024		/* the boot sector and one more */
#define ENTRY_64	0x200		/* behind the setup */
#define CMDLINE_POINTER	0x228		/* in struct boot_params */
#define PORT_CONSOLE	0xe9

	.section .setup, "a"
setup:
	.org 0x1f1
	.byte SETUP_SIZE / 512 - 1
	.org 0x1fe
	.word 0xaa55
	.byte 0xeb, setup_end - 1f	/* a jump, whose length is looked at */
1:	.ascii "HdrS"
	.word 0x020f
	.org 0x211
	.byte LOADED_HIGH
	.org 0x22c
	.long 0x7fffffff		/* initrd_addr_max */
	.long 0x200000			/* alignment */
	.byte 1				/* relocatable: asked for, see below */
	.byte 21
	.word XLOADFLAGS
	.long 2047			/* cmdline_size */
	.org 0x258
	.quad parent_start		/* pref_address */
	.long parent_size		/* init_size */
	.long 0
setup_end:
	.org SETUP_SIZE

	.section .text.start, "ax"
	.code64
	.globl parent_start
parent_start:
	.org ENTRY_64
	cli
	cld
	/* It must be where it is linked, where nothing should be in its way. */
	lea parent_start(%rip), %rax
	mov $parent_start, %rcx
	cmp %rcx, %rax
	jne wrong_place
	mov $parent_stack_top, %rsp
	mov %rsi, %rdi			/* struct boot_params */
	call parent_main
1:	hlt
	jmp 1b

wrong_place:
	lea message(%rip), %rsi
	mov $(message_end - message), %ecx
	mov $PORT_CONSOLE, %dx
	rep outsb
	mov $2, %al			/* VERDICT_ERROR */
	out %al, $0xf4
	jmp 1b
message:
	.ascii "payload fuzz-parent: error not at its address\n"
message_end:

	.section .bss
	.align 16
	.skip 65536
parent_stack_top:
