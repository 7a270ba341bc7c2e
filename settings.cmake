# SPDX-License-Identifier: Apache-2.0
# The settings of Mullion: each line becomes a cache variable and a constant
# of the generated header <mullion/config.h>.
#
#	mullion_setting(NAME DEFAULT "what it is for")	a number, as given
#	mullion_switch(NAME DEFAULT "what it is for")	ON or OFF, 1 or 0 in C

mullion_setting(HV_MAX_PROCESSORS 64
	"logical processors that the hypervisor can drive")
mullion_setting(HV_LOG2_STACK_SIZE 14
	"bytes of each processor's stack, as a power of two")
mullion_setting(HV_SERIAL_PORT 0x3f8
	"I/O port of the 16550 that the hypervisor writes to")
mullion_setting(HV_SERIAL_BAUD 115200
	"speed of that port")
mullion_setting(HV_MEMORY_MIN 160
	"MiB of RAM below which the parent would not come up")
mullion_switch(HV_DEBUG ${MULLION_DEBUG_DEFAULT}
	"check lock ranks and costly invariants at run time")
