# SPDX-License-Identifier: BSD-3-Clause
find_package(Catch2 REQUIRED)
list(APPEND CMAKE_MODULE_PATH "${Catch2_DIR}")
include(Catch)

# actornet_tests(AREA [SOAK] [VARIANTS name=VARIABLE=value...] LIBRARIES target... SOURCES file...): the program
# AREA_tests; each of its test cases is one CTest test, named "AREA/sentence", with a time limit of its own. With SOAK,
# cases tagged [soak] get the label `soak`, and the time limit of the run, which `./run` chooses (ctest --timeout); they
# run short unless the environment says ACTORNET_SOAK=1. For each variant all are registered once more, with that variable
# in their environment and " [name]" behind theirs. Private headers of AREA/src are found, too.
function(actornet_tests area)
  cmake_parse_arguments(PARSE_ARGV 1 tests "SOAK" "" "VARIANTS;LIBRARIES;SOURCES")
  add_executable(${area}_tests ${tests_SOURCES})
  target_include_directories(${area}_tests PRIVATE "${PROJECT_SOURCE_DIR}/${area}/src")
  target_link_libraries(${area}_tests PRIVATE actornet_test_main ${tests_LIBRARIES})
  # The library is optimised as it is shipped. The tests themselves run briefly, and would take half of the build.
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${area}_tests PRIVATE -O0)
    set_target_properties(${area}_tests PROPERTIES ACTORNET_UNOPTIMISED ON)
  endif()
  actornet_register(${area} "" all)
  foreach(variant IN LISTS tests_VARIANTS)
    string(REGEX MATCH "^([^=]+)=(.+)$" _ "${variant}")
    actornet_register(${area} " [${CMAKE_MATCH_1}]" "${CMAKE_MATCH_1}" ENVIRONMENT "${CMAKE_MATCH_2}")
  endforeach()
endfunction()

# The name tells the run what it is, and Catch2's module, which sees no other difference, the registrations apart.
macro(actornet_register area suffix name)
  catch_discover_tests(${area}_tests TEST_PREFIX "${area}/" TEST_SUFFIX "${suffix}" TEST_SPEC "~[soak]"
    EXTRA_ARGS --name ${name}
    PROPERTIES TIMEOUT 120 ${ARGN})
  if(tests_SOAK)
    catch_discover_tests(${area}_tests TEST_PREFIX "${area}/" TEST_SUFFIX "${suffix}" TEST_SPEC "[soak]"
      EXTRA_ARGS --name ${name}
      PROPERTIES LABELS soak ${ARGN})
  endif()
endmacro()
