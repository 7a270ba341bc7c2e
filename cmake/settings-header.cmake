# SPDX-License-Identifier: Apache-2.0
# Turns settings.cmake into cache variables and the header mullion/config.h,
# and keeps mullion/build-id.h equal to the state of the source tree.

set(MULLION_CONFIG_LINES "")

function(mullion_setting name default doc)
	set(${name} ${default} CACHE STRING "${doc}")
	string(APPEND MULLION_CONFIG_LINES
		"/* ${doc} */\n#define ${name} ${${name}}\n")
	set(MULLION_CONFIG_LINES "${MULLION_CONFIG_LINES}" PARENT_SCOPE)
endfunction()

function(mullion_switch name default doc)
	option(${name} "${doc}" ${default})
	set(value 0)
	if(${name})
		set(value 1)
	endif()
	string(APPEND MULLION_CONFIG_LINES
		"/* ${doc} */\n#define ${name} ${value}\n")
	set(MULLION_CONFIG_LINES "${MULLION_CONFIG_LINES}" PARENT_SCOPE)
endfunction()

set(MULLION_DEBUG_DEFAULT OFF)
if(CMAKE_BUILD_TYPE STREQUAL "Debug" OR MULLION_HOST_TESTS)
	set(MULLION_DEBUG_DEFAULT ON)
endif()
include(${CMAKE_SOURCE_DIR}/settings.cmake)
configure_file(${CMAKE_SOURCE_DIR}/cmake/config.h.in
	${CMAKE_BINARY_DIR}/include/mullion/config.h @ONLY)

# Written anew only when it differs, so that nothing else is rebuilt.
add_custom_target(mullion-build-id
	COMMAND ${CMAKE_COMMAND} -D SOURCE=${CMAKE_SOURCE_DIR}
		-D VERSION=${PROJECT_VERSION}
		-D OUTPUT=${CMAKE_BINARY_DIR}/include/mullion/build-id.h
		-P ${CMAKE_SOURCE_DIR}/cmake/build-id.cmake
	BYPRODUCTS ${CMAKE_BINARY_DIR}/include/mullion/build-id.h
	COMMENT "Build id")

# Include folders that everybody shares: the settings and the TLFS layouts.
add_library(mullion-headers INTERFACE)
target_include_directories(mullion-headers INTERFACE
	${CMAKE_BINARY_DIR}/include
	${CMAKE_SOURCE_DIR}/hypervisor/include)
add_dependencies(mullion-headers mullion-build-id)
