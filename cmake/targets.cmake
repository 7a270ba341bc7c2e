# SPDX-License-Identifier: Apache-2.0
# Which targets there are.

# Every executable that is declared in or under dir so far.
function(mullion_executables result dir)
	set(found "")
	get_property(targets DIRECTORY ${dir} PROPERTY BUILDSYSTEM_TARGETS)
	foreach(target IN LISTS targets)
		get_target_property(type ${target} TYPE)
		get_target_property(excluded ${target} EXCLUDE_FROM_ALL)
		if(type STREQUAL "EXECUTABLE" AND NOT excluded)
			list(APPEND found ${target})
		endif()
	endforeach()
	get_property(dirs DIRECTORY ${dir} PROPERTY SUBDIRECTORIES)
	foreach(sub IN LISTS dirs)
		mullion_executables(below ${sub})
		list(APPEND found ${below})
	endforeach()
	set(${result} ${found} PARENT_SCOPE)
endfunction()
