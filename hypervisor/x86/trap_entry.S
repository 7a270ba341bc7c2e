/* SPDX-License-Identifier: Apache-2.0 */
/* Where the processor arrives for each vector of the descriptor table. */

#define STUB_SIZE	16

	.section .text.trap, "ax"

/* One stub a vector, each STUB_SIZE bytes long. */
	.globl	trap_stubs
	.balign	STUB_SIZE
trap_stubs:
	.set	vector, 0
	.rept	256
	.balign	STUB_SIZE, 0xcc
	.if	vector == 2
	jmp	nmi_entry
	.elseif	vector >= 32
	pushq	$vector
	jmp	interrupt_entry
	.else
	/* These push an error code themselves. */
	.if	!(vector == 8 || (vector >= 10 && vector <= 14) || \
		vector == 17 || vector == 21 || vector == 29 || vector == 30)
	pushq	$0
	.endif
	pushq	$vector
	jmp	exception_entry
	.endif
	.set	vector, vector + 1
	.endr

/* Builds a struct trap_frame; returns if the handler found a way on. */
exception_entry:
	.irp	reg, r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax
	pushq	%\reg
	.endr
	movq	%rsp, %rdi
	cld
	call	trap_exception
	.irp	reg, rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
	popq	%\reg
	.endr
	addq	$16, %rsp
	iretq

	.macro	push_clobbered
	.irp	reg, rax, rcx, rdx, rsi, rdi, r8, r9, r10, r11
	pushq	%\reg
	.endr
	cld
	.endm

	.macro	pop_clobbered
	.irp	reg, r11, r10, r9, r8, rdi, rsi, rdx, rcx, rax
	popq	%\reg
	.endr
	.endm

/* The vector is on the stack; 15 words with it, so one more to be aligned. */
interrupt_entry:
	push_clobbered
	movl	72(%rsp), %edi
	subq	$8, %rsp
	call	lp_interrupt
	addq	$8, %rsp
	pop_clobbered
	addq	$8, %rsp
	iretq

nmi_entry:
	push_clobbered
	call	trap_nmi
	pop_clobbered
	iretq

/* The local APIC's timer while clocks are measured: notes the time. */
	.globl	calibration_entry
calibration_entry:
	pushq	%rax
	pushq	%rcx
	pushq	%rdx
	rdtsc
	shlq	$32, %rdx
	orq	%rdx, %rax
	movq	%rax, calibration_tsc
	xorl	%eax, %eax
	xorl	%edx, %edx
	movl	$0x80b, %ecx
	wrmsr
	popq	%rdx
	popq	%rcx
	popq	%rax
	iretq

/* A spurious interrupt of the local APIC wants no answer, not even EOI. */
	.globl	spurious_entry
spurious_entry:
	iretq

	.section .note.GNU-stack, "", @progbits
