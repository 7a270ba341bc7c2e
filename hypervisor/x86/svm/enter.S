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
	.irp	reg, rbx, rbp, r12, r13, r14, r15, rdi
	push	%\reg
	.endr
	mov	%rsi, %rax
	mov	RCX(%rdi), %rcx
	mov	RDX(%rdi), %rdx
	mov	RBX(%rdi), %rbx
	mov	RBP(%rdi), %rbp
	mov	RSI(%rdi), %rsi
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	mov	R(\n)(%rdi), %r\n
	.endr
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
	.irp	n, 8, 9, 10, 11, 12, 13, 14, 15
	mov	%r\n, R(\n)(%rdi)
	.endr
	.irp	reg, rdi, r15, r14, r13, r12, rbp, rbx
	pop	%\reg
	.endr
	ret
	.size	svm_enter, . - svm_enter

	.section .note.GNU-stack, "", @progbits
