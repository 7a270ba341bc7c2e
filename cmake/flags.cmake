# SPDX-License-Identifier: Apache-2.0
# Compiler flags: what all C here is built with, what freestanding code adds,
# and what user code adds.

set(MULLION_WARNINGS
	-Wall -Wextra -Werror -Wconversion -Wshadow -Wvla
	-Wstrict-prototypes -Wmissing-prototypes -Wimplicit-fallthrough)

# Code that runs without an operating system under it: hypervisor, payloads.
set(MULLION_FREESTANDING_FLAGS
	-ffreestanding -nostdinc
	-isystem ${MULLION_COMPILER_INCLUDE}
	-m64 -mgeneral-regs-only -mno-red-zone -fno-strict-aliasing
	-fno-pic -fno-pie -fno-stack-protector -fno-common
	-fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections)

# The hypervisor itself: in the upper 2 GiB, with frames for backtraces.
set(MULLION_HYPERVISOR_FLAGS
	${MULLION_WARNINGS} ${MULLION_FREESTANDING_FLAGS}
	-mcmodel=kernel -fcf-protection -fno-omit-frame-pointer)

set(MULLION_HARDENING
	-fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE)
set(MULLION_HARDENING_LINK -pie -Wl,-z,relro -Wl,-z,now)

set(MULLION_SANITIZERS
	-fsanitize=address,undefined -fno-sanitize-recover=all
	-fno-omit-frame-pointer -g)
# Tells a fuzz target's driver which way the code goes.
set(MULLION_TRACING -fsanitize-coverage=trace-pc,trace-cmp)
set(MULLION_NO_TRACING -fno-sanitize-coverage=trace-pc,trace-cmp)

# User code in every folder that is added after this call.
macro(mullion_user_code)
	add_compile_options(${MULLION_WARNINGS})
	link_libraries(mullion-headers)
	if(MULLION_HOST_TESTS)
		add_compile_options(${MULLION_SANITIZERS} ${MULLION_TRACING})
		link_libraries(mullion-untraced)
		add_link_options(${MULLION_SANITIZERS})
	else()
		add_compile_options(${MULLION_HARDENING})
		add_link_options(${MULLION_HARDENING_LINK})
	endif()
endmacro()
