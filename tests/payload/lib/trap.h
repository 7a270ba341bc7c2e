/* SPDX-License-Identifier: Apache-2.0 */
/* Traps: exceptions that a TRY expects, interrupts that are counted. */
#ifndef PAYLOAD_LIB_TRAP_H
#define PAYLOAD_LIB_TRAP_H

#include <stdbool.h>
#include <stdint.h>

struct trap_frame {
	uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp;
	uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
	uint64_t vector, error;
	uint64_t rip, cs, rflags, rsp, ss;
};

/* Interrupts taken so far, by vector; on all processors together. */
extern volatile uint64_t interrupts_seen[256];

/* Interrupts that came though RFLAGS.IF was 0. Must stay 0. */
extern volatile uint64_t interrupts_against_if;

typedef void trap_handler(struct trap_frame *frame);

/* Load descriptor tables for processor @number, whose stack for traps is new. */
void trap_setup_cpu(uint32_t number);

/*
 * Call @handler for @vector. Without one an exception outside a TRY ends the
 * payload, and an interrupt is counted and ended at the APIC. A handler of an
 * interrupt ends it by itself.
 */
void trap_set_handler(uint8_t vector, trap_handler *handler);

/* Have @vector enter @entry itself, which saves what it uses and returns. */
void trap_set_entry(uint8_t vector, void (*entry)(void));

/*
 * Run @code at CPL 3 on @stack (its first free byte). The result is the vector
 * of the trap that ended it; @frame has the state in which it came.
 */
uint64_t user_run(void (*code)(void), void *stack, struct trap_frame *frame);

/* The assembly's parts. */
void trap_handle(struct trap_frame *frame);
uint64_t user_enter(void (*code)(void), void *stack);
_Noreturn void user_return(uint64_t vector);

#endif
