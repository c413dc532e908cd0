# Read by ctest, not by cmake: makes one test, <name>.<Suite>, of each suite of a GoogleTest program;
# to start a program that is built with sanitizers takes longer than most of its tests, of which
# there are two thousand. With `each`, one of each test, <name>.<Suite>.<Test>.
#
# Set before: `name`, `program`, `folder` to run it in, `timeout` in seconds, `each`, and `long`, a
# regular expression of those that are started first, as the whole takes as long as they do.

if(NOT EXISTS "${program}")
  add_test(${name}_NOT_BUILT ${name}_NOT_BUILT)
  return()
endif()

set(list "${program}.list")
if("${program}" IS_NEWER_THAN "${list}")
  execute_process(COMMAND "${program}" --gtest_list_tests OUTPUT_FILE "${list}.new"
                  RESULT_VARIABLE result WORKING_DIRECTORY "${folder}")
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${program} --gtest_list_tests: ${result}")
  endif()
  file(RENAME "${list}.new" "${list}")
endif()

# Adds the tests that GoogleTest's `filter` names as one of ctest's. Of a suite, a failure is told
# with the name of its test, and what went well is silent; a skipped test does not make it skipped.
function(add_filter test filter)
  set(cost 1)
  if(long AND test MATCHES "${long}")
    set(cost 100)
  endif()
  set(brief --gtest_brief=1)
  set(skip)
  if(each)
    set(brief)
    set(skip SKIP_REGULAR_EXPRESSION "[[]  SKIPPED []]")
  endif()
  add_test("${name}.${test}" "${program}" "--gtest_filter=${filter}" ${brief})
  set_tests_properties("${name}.${test}" PROPERTIES WORKING_DIRECTORY "${folder}"
                       TIMEOUT ${timeout} COST ${cost} ${skip})
endfunction()

# "Suite.", "Instantiation/Suite." or "Suite/0.  # TypeParam = …", then "  Test" and more of them.
file(STRINGS "${list}" lines REGEX "^[A-Za-z0-9_/]+\\.( |$)|^  [A-Za-z]")
foreach(line IN LISTS lines)
  if(line MATCHES "^([^ ]+)\\.")
    set(suite "${CMAKE_MATCH_1}")
    if(NOT each)
      add_filter("${suite}" "${suite}.*")
    endif()
  elseif(each AND line MATCHES "^  ([^ ]+)")
    add_filter("${suite}.${CMAKE_MATCH_1}" "${suite}.${CMAKE_MATCH_1}")
  endif()
endforeach()
