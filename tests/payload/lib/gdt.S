/* SPDX-License-Identifier: Apache-2.0 */
/* The segments: kernel, user, 32-bit for the way up, a task per processor. */

	.section .data
	.globl gdt, gdt_pointer
	.align 16
gdt:	.quad 0
	.quad 0x00af9b000000ffff	/* 08: 64-bit code */
	.quad 0x00cf93000000ffff	/* 10: data */
	.quad 0x00cf9b000000ffff	/* 18: 32-bit code */
	.quad 0x00cff3000000ffff	/* 20: user data */
	.quad 0x00affb000000ffff	/* 28: user 64-bit code */
	.fill 16, 8, 0			/* 30: a task state a processor */
	.globl gdt_end
gdt_end:
gdt_pointer:
	.word gdt_end - gdt - 1
	.quad gdt
