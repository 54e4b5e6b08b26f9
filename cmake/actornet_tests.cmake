# SPDX-License-Identifier: BSD-3-Clause
find_package(Catch2 REQUIRED)
list(APPEND CMAKE_MODULE_PATH "${Catch2_DIR}")
include(Catch)

# actornet_tests(AREA [SOAK] LIBRARIES target... SOURCES file...): the program AREA_tests; each of its test cases is one
# CTest test, named "AREA/sentence", with a time limit of its own. With SOAK, cases tagged [soak] get the label `soak`
# and a long limit; they run short unless the environment says ACTORNET_SOAK=1. Private headers of AREA/src are found, too.
function(actornet_tests area)
  cmake_parse_arguments(PARSE_ARGV 1 tests "SOAK" "" "LIBRARIES;SOURCES")
  add_executable(${area}_tests ${tests_SOURCES})
  target_include_directories(${area}_tests PRIVATE "${PROJECT_SOURCE_DIR}/${area}/src")
  target_link_libraries(${area}_tests PRIVATE actornet_test_main ${tests_LIBRARIES})
  catch_discover_tests(${area}_tests TEST_PREFIX "${area}/" TEST_SPEC "~[soak]" PROPERTIES TIMEOUT 120)
  if(tests_SOAK)
    catch_discover_tests(${area}_tests TEST_PREFIX "${area}/" TEST_SPEC "[soak]"
      PROPERTIES TIMEOUT 1800 LABELS soak)
  endif()
endfunction()
