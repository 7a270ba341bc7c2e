/* SPDX-License-Identifier: Apache-2.0 */
/* Code that runs in guests: real mode, at GUEST_CODE, segments at 0. */

#define CODE	0x1000			/* GUEST_CODE */
#define DATA	0x2000
#define DONE	0x80			/* port: the test is through */
#define NEWS	0x81			/* port: something happened */
#define VECTOR	0x40

	.macro blob name
	.section .rodata.blob_\name, "a"
	.globl blob_\name, blob_\name\()_end
	.code16
blob_\name:
	.endm
	.macro end name
blob_\name\()_end:
	.endm

/* VECTOR's handler, at the label handler of this blob. */
	.macro set_handler name
	movw $(handler_\name - blob_\name + CODE), VECTOR * 4
	movw $0, VECTOR * 4 + 2
	.endm

/* Put the APIC into x2APIC mode and open it; EOI. */
	.macro apic_open
	movl $0x1b, %ecx
	rdmsr
	orl $0xc00, %eax
	wrmsr
	movl $0x80f, %ecx
	movl $0x1ff, %eax
	xorl %edx, %edx
	wrmsr
	.endm
	.macro apic_eoi
	movl $0x80b, %ecx
	xorl %eax, %eax
	xorl %edx, %edx
	wrmsr
	.endm

	blob out8
	movb $0x42, %al
	outb %al, $DONE
	end out8

	blob out16
	movw $0x1234, %dx
	movw $0xabcd, %ax
	outw %ax, %dx
	end out16

	blob out32
	movw $0x1234, %dx
	movl $0x89abcdef, %eax
	outl %eax, %dx
	end out32

	blob in8
	movb $0, %al
	inb $DONE, %al
	movb %al, DATA
	outb %al, $NEWS
	end in8

	blob out_string
	movw $DATA, %si
	movw $3, %cx
	movw $0x1234, %dx
	rep outsb
	end out_string

	blob in_string
	movw $DATA, %di
	movw $0x1234, %dx
	insw
	end in_string

	blob store
	movw $0xa000, %ax
	movw %ax, %ds
	movb $0x55, 0x10
	movb $0, %al
	outb %al, $DONE
	end store

	blob load
	movw $0xa000, %ax
	movw %ax, %ds
	movl 0x20, %eax
	end load

	blob halt
	cli
	hlt
	outb %al, $DONE
	end halt

/* Says NEWS when an interrupt came, for ever; DATA counts the halts. */
	blob interrupts
	set_handler interrupts
	apic_open
	movl $0, DATA
	outb %al, $DONE
1:	incl DATA
	sti
	hlt
	cli
	jmp 1b
handler_interrupts:
	apic_eoi
	outb %al, $NEWS
	iretw
	end interrupts

/* Spins with interrupts on; DATA counts the rounds. */
	blob spin
	set_handler spin
	apic_open
	sti
1:	incl DATA
	jmp 1b
handler_spin:
	apic_eoi
	outb %al, $NEWS
	iretw
	end spin

/* The handler of the NMI says so. */
	blob nmi
	movw $(handler_nmi - blob_nmi + CODE), 2 * 4
	movw $0, 2 * 4 + 2
	outb %al, $DONE
1:	hlt
	jmp 1b
handler_nmi:
	outb %al, $NEWS
	iretw
	end nmi

/* Makes the hypercall that the registers say; that takes protected mode. */
	blob hypercall
	movl %cr0, %eax
	orb $1, %al
	movl %eax, %cr0
	vmmcall
	outb %al, $DONE
	end hypercall

	blob cpuid
	movl DATA, %eax
	movl DATA + 4, %ecx
	cpuid
	outb %al, $DONE
	end cpuid

	blob read_msr
	movl DATA, %ecx
	rdmsr
	outb %al, $DONE
	end read_msr

	blob write_msr
	movl DATA, %ecx
	movl DATA + 4, %eax
	movl DATA + 8, %edx
	wrmsr
	outb %al, $DONE
	end write_msr

	blob undefined
	ud2
	outb %al, $DONE
	end undefined

/* Writes a word at the start of each page from DATA's address on, four. */
	blob touch
	movw DATA, %bx
	movw $4, %cx
1:	movw %cx, (%bx)
	addw $0x1000, %bx
	loop 1b
	outb %al, $DONE
	end touch

	blob read_pages
	movw DATA, %bx
	movw $4, %cx
1:	movw (%bx), %ax
	addw $0x1000, %bx
	loop 1b
	outb %al, $DONE
	end read_pages

	blob jump
	ljmpw $0, $0x6000
	end jump

	blob triple_fault
	lidt 2f - blob_triple_fault + CODE
	ud2
2:	.word 0
	.long 0
	end triple_fault

	.section .note.GNU-stack, "", @progbits
