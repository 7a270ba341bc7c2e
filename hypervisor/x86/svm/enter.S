/* SPDX-License-Identifier: Apache-2.0 */
/* The way into a guest and back out of it. */

#define RCX	8
#define RDX	16
#define RBX	24
#define RBP	40
#define RSI	48
#define RDI	56
#define R(n)	((n) * 8)

	.text
/*
 * void svm_enter(uint64_t *gpr, uint64_t vmcb)
 *
 * RAX and RSP travel in the VMCB.  GIF is 0 on both sides; RFLAGS.IF is 1, so
 * that a physical interrupt ends the guest whatever its own IF says.
 */
	.globl	svm_enter
	.type	svm_enter, @function
svm_enter:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%rdi
	mov	%rsi, %rax
	mov	RCX(%rdi), %rcx
	mov	RDX(%rdi), %rdx
	mov	RBX(%rdi), %rbx
	mov	RBP(%rdi), %rbp
	mov	RSI(%rdi), %rsi
	mov	R(8)(%rdi), %r8
	mov	R(9)(%rdi), %r9
	mov	R(10)(%rdi), %r10
	mov	R(11)(%rdi), %r11
	mov	R(12)(%rdi), %r12
	mov	R(13)(%rdi), %r13
	mov	R(14)(%rdi), %r14
	mov	R(15)(%rdi), %r15
	mov	RDI(%rdi), %rdi
	vmrun	%rax
	push	%rdi
	mov	8(%rsp), %rdi
	pop	RDI(%rdi)
	mov	%rcx, RCX(%rdi)
	mov	%rdx, RDX(%rdi)
	mov	%rbx, RBX(%rdi)
	mov	%rbp, RBP(%rdi)
	mov	%rsi, RSI(%rdi)
	mov	%r8, R(8)(%rdi)
	mov	%r9, R(9)(%rdi)
	mov	%r10, R(10)(%rdi)
	mov	%r11, R(11)(%rdi)
	mov	%r12, R(12)(%rdi)
	mov	%r13, R(13)(%rdi)
	mov	%r14, R(14)(%rdi)
	mov	%r15, R(15)(%rdi)
	pop	%rdi
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	.size	svm_enter, . - svm_enter

	.section .note.GNU-stack, "", @progbits
