# SPDX-License-Identifier: BSD-3-Clause

# The C++ in README.md and docs/ compiles and links: see structure/document_code.py for the rule. The blocks are cut
# out again whenever a document changes or a new one appears.
function(actornet_document_tests)
  file(GLOB_RECURSE documents CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/docs/*.md")
  list(APPEND documents "${PROJECT_SOURCE_DIR}/README.md")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${documents})
  execute_process(
    COMMAND "${Python3_EXECUTABLE}" "${CMAKE_CURRENT_SOURCE_DIR}/structure/document_code.py"
      "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_BINARY_DIR}/documents"
    OUTPUT_VARIABLE sources
    OUTPUT_STRIP_TRAILING_WHITESPACE
    COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "\n" ";" sources "${sources}")
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM name)
    add_executable(${name} "${source}")
    target_link_libraries(${name} PRIVATE actornet::actors)
    actornet_precompile_caf(${name})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/documents")
  endforeach()
endfunction()
