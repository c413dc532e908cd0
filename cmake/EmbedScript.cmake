# Makes a C++ header out of a shell script, without its comments and indentation.
#
#   include(EmbedScript)
#   ballast_embed_script(ballast_collector SCRIPT probe/probe.sh HEADER collector/probe_script.h
#                        SYMBOL ballast::collector::kProbeScript)
#
# writes <build>/embedded/collector/probe_script.h, which defines the symbol as an inline constexpr
# std::string_view, whenever the script changes, and lets the target include it by that path. The
# build fails if the script holds a single quote or comes out longer than 8 KiB: it is passed as one
# quoted argument.
#
# The same file, run with `cmake -P`, is the tool that does it.

function(ballast_embed_script target)
  cmake_parse_arguments(ARG "" "SCRIPT;HEADER;SYMBOL" "" ${ARGN})
  get_filename_component(script "${ARG_SCRIPT}" ABSOLUTE)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/embedded")
  set(header "${folder}/${ARG_HEADER}")
  add_custom_command(
    OUTPUT "${header}"
    COMMAND "${CMAKE_COMMAND}" "-DSCRIPT=${script}" "-DHEADER=${header}" "-DSYMBOL=${ARG_SYMBOL}"
            -P "${CMAKE_CURRENT_FUNCTION_LIST_FILE}"
    DEPENDS "${script}" "${CMAKE_CURRENT_FUNCTION_LIST_FILE}"
    COMMENT "Embedding ${ARG_SCRIPT}"
    VERBATIM)
  get_filename_component(name "${ARG_SCRIPT}" NAME_WE)
  add_custom_target(${target}_${name}_script DEPENDS "${header}")
  add_dependencies(generated ${target}_${name}_script)
  target_sources(${target} PRIVATE "${header}")
  target_include_directories(${target} PRIVATE "${folder}")
endfunction()

if(NOT CMAKE_SCRIPT_MODE_FILE STREQUAL CMAKE_CURRENT_LIST_FILE)
  return()
endif()

file(READ "${SCRIPT}" text)
string(REGEX REPLACE "\n[ \t]+" "\n" text "\n${text}")
string(REGEX REPLACE "\n#[^\n]*" "" text "${text}")
string(REGEX REPLACE "\n\n+" "\n" text "${text}")
string(REGEX REPLACE "^\n" "" text "${text}")

string(LENGTH "${text}" length)
string(FIND "${text}" "'" quote)
if(length GREATER_EQUAL 8192 OR NOT quote EQUAL -1)
  message(FATAL_ERROR "${SCRIPT}: ${length} bytes without comments (limit 8191), or a single quote")
endif()
string(REGEX MATCH "^(.*)::([A-Za-z0-9_]+)$" symbol "${SYMBOL}")
get_filename_component(name "${SCRIPT}" NAME)
file(WRITE "${HEADER}" "// Generated from ${name}.
#pragma once

#include <string_view>

namespace ${CMAKE_MATCH_1} {

inline constexpr std::string_view ${CMAKE_MATCH_2} = R\"sh(${text})sh\";

}  // namespace ${CMAKE_MATCH_1}
")
