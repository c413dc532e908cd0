# ballast_embed_text(<target> FILE <path> HEADER <path> SYMBOL <qualified name>)
# Makes a C++ header out of a text, whole: <build>/embedded/<HEADER> defines the symbol as an inline
# constexpr const char*. It is made anew when the text changes.
function(ballast_embed_text target)
  cmake_parse_arguments(ARG "" "FILE;HEADER;SYMBOL" "" ${ARGN})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${ARG_FILE}")
  file(READ "${ARG_FILE}" text)
  string(REGEX MATCH "^(.*)::([^:]*)$" matched "${ARG_SYMBOL}")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/embedded")
  file(CONFIGURE OUTPUT "${folder}/${ARG_HEADER}" @ONLY CONTENT
"// Made of @ARG_FILE@.
#pragma once

namespace @CMAKE_MATCH_1@ {

inline constexpr const char* @CMAKE_MATCH_2@ = R\"text(@text@)text\";

}  // namespace @CMAKE_MATCH_1@
")
  target_sources(${target} PRIVATE "${folder}/${ARG_HEADER}")
  target_include_directories(${target} PRIVATE "${folder}")
endfunction()
