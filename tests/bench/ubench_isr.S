/* SPDX-License-Identifier: Apache-2.0 */
/* The shortest interrupt handler that can be counted with. */

#define X2APIC_EOI	0x80b
#define RFLAGS_IF	0x200

	.section .text
	.globl ubench_interrupt
ubench_interrupt:
	push %rax
	push %rcx
	push %rdx
	lock incq ubench_interrupts
	testl $RFLAGS_IF, 40(%rsp)	/* the flags that were interrupted */
	jnz 1f
	lock incq ubench_interrupts_against_if
1:	mov $X2APIC_EOI, %ecx
	xor %eax, %eax
	xor %edx, %edx
	wrmsr
	pop %rdx
	pop %rcx
	pop %rax
	iretq

	.section .bss
	.globl ubench_interrupts, ubench_interrupts_against_if
	.align 64
ubench_interrupts:
	.skip 8
ubench_interrupts_against_if:
	.skip 8
