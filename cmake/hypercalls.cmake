# SPDX-License-Identifier: Apache-2.0
# Generates, when CMake runs, what comes from hypervisor/hypercalls.txt:
# <mullion/hypercall_abi.h>, <mullion/hypercall_handlers.h>,
# <mullion/hypercall_grammar.h> and the source file MULLION_HYPERCALL_TABLE. Tests check that docs/hypercalls.md is current.

find_package(Python3 3.9 REQUIRED COMPONENTS Interpreter)

set(MULLION_HYPERCALL_DATA ${CMAKE_SOURCE_DIR}/hypervisor/hypercalls.txt)
set(MULLION_HYPERCALL_TOOL ${CMAKE_SOURCE_DIR}/cmake/hypercalls.py)
set(MULLION_HYPERCALL_TABLE ${CMAKE_BINARY_DIR}/generated/hypercall_table.c)
set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY
	CMAKE_CONFIGURE_DEPENDS
	${MULLION_HYPERCALL_DATA} ${MULLION_HYPERCALL_TOOL})

function(mullion_generate_hypercalls kind output)
	cmake_path(GET output PARENT_PATH dir)
	file(MAKE_DIRECTORY ${dir})
	execute_process(COMMAND ${Python3_EXECUTABLE}
		${MULLION_HYPERCALL_TOOL} ${MULLION_HYPERCALL_DATA}
		${kind} -o ${output} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

mullion_generate_hypercalls(abi
	${CMAKE_BINARY_DIR}/include/mullion/hypercall_abi.h)
mullion_generate_hypercalls(handlers
	${CMAKE_BINARY_DIR}/include/mullion/hypercall_handlers.h)
mullion_generate_hypercalls(grammar
	${CMAKE_BINARY_DIR}/include/mullion/hypercall_grammar.h)
mullion_generate_hypercalls(table ${MULLION_HYPERCALL_TABLE})

if(MULLION_HOST_TESTS)
	add_test(NAME docs/hypercalls COMMAND ${Python3_EXECUTABLE}
		${MULLION_HYPERCALL_TOOL} ${MULLION_HYPERCALL_DATA}
		docs --check ${CMAKE_SOURCE_DIR}/docs/hypercalls.md)
endif()
