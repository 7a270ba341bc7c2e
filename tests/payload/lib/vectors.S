/* SPDX-License-Identifier: Apache-2.0 */
/* A stub for each of the 256 vectors: all end in trap_handle(). */

/* Vectors for which the processor pushes an error code. */
#define HAS_ERROR(n) \
	((n) == 8 || ((n) >= 10 && (n) <= 14) || (n) == 17 || (n) == 21 || \
	 (n) == 29 || (n) == 30)

	.section .text
	.globl vector_table
	.align 16
vector_table:
	.set n, 0
	.rept 256
	.align 16
	.if !HAS_ERROR(n)
	push $0
	.endif
	push $n
	jmp trap_common
	.set n, n + 1
	.endr

trap_common:
	push %r15
	push %r14
	push %r13
	push %r12
	push %r11
	push %r10
	push %r9
	push %r8
	push %rbp
	push %rdi
	push %rsi
	push %rdx
	push %rcx
	push %rbx
	push %rax
	cld
	mov %rsp, %rdi
	mov %rsp, %rbp
	and $-16, %rsp
	call trap_handle
	mov %rbp, %rsp
	pop %rax
	pop %rbx
	pop %rcx
	pop %rdx
	pop %rsi
	pop %rdi
	pop %rbp
	pop %r8
	pop %r9
	pop %r10
	pop %r11
	pop %r12
	pop %r13
	pop %r14
	pop %r15
	add $16, %rsp
	iretq

/* uint64_t user_enter(void (*code)(void), void *stack): run code at CPL 3
   until user_leave() is reached by a trap; returns the trap's vector. */
	.globl user_enter, user_return
user_enter:
	push %rbx
	push %rbp
	push %r12
	push %r13
	push %r14
	push %r15
	mov %rsp, user_kernel_stack
	push $0x23			/* user data */
	push %rsi
	push $2				/* flags: no interrupts */
	push $0x2b			/* user code */
	push %rdi
	iretq
user_return:
	mov user_kernel_stack, %rsp
	mov %rdi, %rax
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbp
	pop %rbx
	ret

	.section .bss
	.align 8
user_kernel_stack:
	.skip 8
