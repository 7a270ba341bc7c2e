# SPDX-License-Identifier: Apache-2.0
# How unit tests and fuzz targets are declared.

set(MULLION_TEST_RESULTS ${CMAKE_BINARY_DIR}/test-results)
set(MULLION_FUZZ_CORPUS ${CMAKE_BINARY_DIR}/fuzz-corpus)

macro(mullion_parse_test kind)
	cmake_parse_arguments(arg "" "CORPUS;RUNS;SECONDS"
		"SOURCES;INCLUDES;LIBRARIES;DEFINES" ${ARGN})
	if(arg_UNPARSED_ARGUMENTS OR NOT arg_SOURCES)
		message(FATAL_ERROR "${kind}(${name}): what is "
			"'${arg_UNPARSED_ARGUMENTS}'? SOURCES are needed.")
	endif()
	add_executable(${name} ${arg_SOURCES})
	target_include_directories(${name} PRIVATE ${arg_INCLUDES})
	target_compile_definitions(${name} PRIVATE ${arg_DEFINES})
	target_link_libraries(${name} PRIVATE ${arg_LIBRARIES})
endmacro()

# A Criterion program; its verdicts go to test-results/NAME.tap as well.
function(mullion_unit_test name)
	mullion_parse_test(mullion_unit_test ${ARGN})
	target_link_libraries(${name} PRIVATE criterion)
	# Criterion's macros convert; the product build checks our own code.
	target_compile_options(${name} PRIVATE -Wno-conversion
		${MULLION_NO_TRACING})
	file(MAKE_DIRECTORY ${MULLION_TEST_RESULTS})
	add_test(NAME unit/${name} COMMAND ${name}
		--tap=${MULLION_TEST_RESULTS}/${name}.tap)
	set_tests_properties(unit/${name} PROPERTIES TIMEOUT 240)
endfunction()

# A program that feeds inputs made from those of the folder CORPUS to
# LLVMFuzzerTestOneInput: RUNS of them, or as many as fit in SECONDS; `NAME 0`
# goes on until it is stopped. What it finds is in the build tree's fuzz-corpus.
function(mullion_fuzz_target name)
	mullion_parse_test(mullion_fuzz_target ${ARGN})
	target_link_libraries(${name} PRIVATE mullion-fuzz-driver)
	if(arg_SECONDS)
		set(limit ${arg_SECONDS}s)
	elseif(arg_RUNS)
		set(limit ${arg_RUNS})
	else()
		set(limit 20000)
	endif()
	set(kept ${MULLION_FUZZ_CORPUS}/${name})
	if(NOT arg_CORPUS)
		set(arg_CORPUS ${kept})
	endif()
	file(MAKE_DIRECTORY ${kept})
	add_test(NAME fuzz/${name} COMMAND ${name} ${limit} ${arg_CORPUS} ${kept})
	set_tests_properties(fuzz/${name} PROPERTIES TIMEOUT 300)
endfunction()
