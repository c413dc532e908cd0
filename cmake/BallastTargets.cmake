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
target_include_directories(ballast_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(ballast_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 takes the operator new of Asio's coroutine frames, once inlined, for another one.
  target_compile_options(ballast_options INTERFACE -Wno-mismatched-new-delete)
endif()
# Asio keeps so many frames of ended coroutines at hand, of each kind and thread, for the next ones;
# its own number, 2, is not for a chain of a dozen.
target_compile_definitions(ballast_options INTERFACE BOOST_ASIO_RECYCLING_ALLOCATOR_CACHE_SIZE=16)
target_link_libraries(ballast_options INTERFACE Threads::Threads)

if(BALLAST_SANITIZE)
  add_compile_options(-fsanitize=${BALLAST_SANITIZE} -fno-omit-frame-pointer
                      -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${BALLAST_SANITIZE})
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

# ballast_library(<folder> SOURCES … [USES <public deps> …] [PRIVATE <deps> …])
# The library of one folder, as ballast_<folder>. What is not named here cannot be included.
function(ballast_library folder)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;PRIVATE" ${ARGN})
  add_library(ballast_${folder} STATIC ${ARG_SOURCES})
  target_link_libraries(ballast_${folder} PUBLIC ${ARG_USES} PRIVATE ballast_options ${ARG_PRIVATE})
endfunction()

# ballast_test(<name> SOURCES … USES … [TIMEOUT <seconds>])
# One GoogleTest program, each of its tests a ctest test named <name>.<Suite>.<Test>.
function(ballast_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;USES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  add_executable(${name}_test ${ARG_SOURCES})
  target_link_libraries(${name}_test PRIVATE ballast_options ${ARG_USES} GTest::gmock_main)
  target_compile_definitions(${name}_test PRIVATE
    BALLAST_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    BALLAST_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}. DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()
