# How every target of the project is built: language level, warnings, sanitizers.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

set(BALLAST_SANITIZE "" CACHE STRING "Sanitizers to build with: empty, address,undefined or thread")

option(BALLAST_FUZZ "Build the programs of tests/fuzz as fuzzers; needs clang" OFF)

find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
find_package(fmt REQUIRED)

add_library(ballast_options INTERFACE)
target_compile_options(ballast_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes the operator new of Asio's coroutine frames, once inlined, for another one.
  target_compile_options(ballast_options INTERFACE -Wno-mismatched-new-delete)
  if(CMAKE_UNITY_BUILD)
    # For GCC a .cc that another includes is a header, in which no type may be the file's own.
    target_compile_options(ballast_options INTERFACE -Wno-subobject-linkage)
  endif()
endif()
# Asio keeps so many frames of ended coroutines at hand, of each kind and thread, for the next ones;
# its own number, 2, is not for a chain of a dozen.
target_compile_definitions(ballast_options INTERFACE BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=16)
target_link_libraries(ballast_options INTERFACE Threads::Threads)

# Sources that are generated; for those who read the code without building it.
add_custom_target(generated)

if(BALLAST_SANITIZE)
  add_compile_options(-fsanitize=${BALLAST_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BALLAST_SANITIZE})
  if(BALLAST_SANITIZE MATCHES "address")
    # What is told of pointers that are checked makes millions of relocations in a program whose
    # address is not fixed: half of the time that it takes to start.
    set(library $<IN_LIST:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY$<SEMICOLON>MODULE_LIBRARY>)
    add_compile_options($<$<NOT:${library}>:-fno-pie>)
    add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
  endif()
  if(BALLAST_SANITIZE STREQUAL "thread")
    # ThreadSanitizer does not understand the fences in Asio's fenced_block.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      add_compile_options(-Wno-tsan)
    endif()
  endif()
endif()

if(BALLAST_FUZZ)
  # Coverage for libFuzzer to follow; its main() is linked to the fuzz targets alone. Clang 14
  # cannot check the types of functions (of "undefined") where there are coroutines.
  add_compile_options(-fsanitize=fuzzer-no-link -fno-sanitize=function)
endif()

# What makes a fault in memory hard to use. The linker's part is for every build; the compiler's is
# for those that are released: it needs optimisation, and a sanitizer sees more than it does. A
# distribution that builds with its own flags (no build type) has them of its own.
include(CheckCXXCompilerFlag)
add_link_options(LINKER:-z,relro,-z,now,-z,noexecstack)
if(NOT BALLAST_SANITIZE AND NOT BALLAST_FUZZ)
  set(hardening -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
                -D_GLIBCXX_ASSERTIONS
                $<IF:$<STREQUAL:$<TARGET_PROPERTY:TYPE>,SHARED_LIBRARY>,-fPIC,-fPIE>)
  foreach(flag -fcf-protection -fstack-clash-protection)  # not on every processor
    string(MAKE_C_IDENTIFIER "BALLAST_HAS${flag}" has)
    check_cxx_compiler_flag(${flag} ${has})
    if(${has})
      list(APPEND hardening ${flag})
    endif()
  endforeach()
  set(released "$<CONFIG:Release,RelWithDebInfo,MinSizeRel>")
  add_compile_options("$<${released}:${hardening}>")
  add_link_options("$<$<AND:${released},$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>>:-pie>")
endif()

# ballast_room(<target> <scope> <folder>)
# Lets <target> and, where <scope> is INTERFACE or PUBLIC, whoever links it include "<folder>/….h".
# The include path is a folder in the build tree that holds one link, to <folder>: so a file can
# include what its target links and nothing else.
function(ballast_room target scope folder)
  string(REPLACE "/" "_" room "${folder}")
  set(link "${PROJECT_BINARY_DIR}/rooms/${room}/${folder}")
  get_filename_component(parent "${link}" DIRECTORY)
  file(MAKE_DIRECTORY "${parent}")
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${folder}" "${link}" SYMBOLIC)
  target_include_directories(${target} ${scope} "${PROJECT_BINARY_DIR}/rooms/${room}")
endfunction()

# ballast_library(<folder> [USES <public deps> …] [PRIVATE <deps> …])
# The library of one folder and those in it, as ballast_<folder>, of every .cc there but main.cc.
# What is not named here cannot be included; tests/architecture proves it.
function(ballast_library folder)
  cmake_parse_arguments(ARG "" "" "USES;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  add_library(ballast_${folder} STATIC ${sources})
  target_link_libraries(ballast_${folder} PUBLIC ${ARG_USES} PRIVATE ballast_options ${ARG_PRIVATE})
  ballast_room(ballast_${folder} PUBLIC ${folder})
endfunction()

# ballast_test(<name> USES … [EXCEPT <regex>] [TIMEOUT <seconds>] [LONG <regex>] [EACH])
# One GoogleTest program of every .cc in this folder and those in it, each suite a ctest test named
# <name>.<Suite>; with EACH, each of its tests one that is named <name>.<Suite>.<Test>. Those that
# match LONG are started first.
function(ballast_test name)
  cmake_parse_arguments(ARG "EACH" "EXCEPT;TIMEOUT;LONG" "USES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cc")
  if(ARG_EXCEPT)
    list(FILTER sources EXCLUDE REGEX "${ARG_EXCEPT}")
  endif()
  add_executable(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE ballast_options ${ARG_USES} GTest::gmock_main)
  ballast_room(${name}_test PRIVATE tests)
  target_compile_definitions(${name}_test PRIVATE
    BALLAST_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    BALLAST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set(settings "${CMAKE_CURRENT_BINARY_DIR}/${name}_settings.cmake")
  file(GENERATE OUTPUT "${settings}" CONTENT "
set(name \"${name}\")
set(program \"$<TARGET_FILE:${name}_test>\")
set(folder \"${CMAKE_CURRENT_BINARY_DIR}\")
set(timeout ${ARG_TIMEOUT})
set(long [[${ARG_LONG}]])
set(each ${ARG_EACH})
")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES
    "${settings}" "${PROJECT_SOURCE_DIR}/cmake/TestSuites.cmake")
endfunction()
