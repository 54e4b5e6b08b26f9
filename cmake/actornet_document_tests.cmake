# SPDX-License-Identifier: BSD-3-Clause

# The C++ in the documents of the tree compiles and links: see structure/document_code.py for the rule. The blocks are cut
# out again whenever a document changes or a new one appears.
function(actornet_document_tests)
  set(folder "${PROJECT_SOURCE_DIR}")
  file(GLOB documents CONFIGURE_DEPENDS "${folder}/*.md" "${folder}/*/*.md" "${folder}/*/*/*.md")
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
    actornet_precompile(${name} caf)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/documents")
  endforeach()
endfunction()
