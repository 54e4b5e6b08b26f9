# SPDX-License-Identifier: BSD-3-Clause

# actornet_header_tests(TARGET [HEADER...]): every public header of TARGET, and each HEADER that the build makes for it,
# compiles alone, twice in a row, and without a precompiled header to lean on. It is a matter of building: a header that
# does not stand on its own breaks the build. The one place that globs: here a forgotten header would be the failure.
function(actornet_header_tests target)
  get_target_property(source_dir ${target} SOURCE_DIR)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS RELATIVE "${source_dir}/include" "${source_dir}/include/*.hpp")
  set(sources)
  foreach(header IN LISTS headers ARGN)
    string(MAKE_C_IDENTIFIER "${header}" name)
    set(source "${CMAKE_CURRENT_BINARY_DIR}/headers/${name}.cpp")
    file(CONFIGURE OUTPUT "${source}" CONTENT "#include <${header}>\n#include <${header}>\n")
    list(APPEND sources "${source}")
  endforeach()
  add_library(${target}_headers OBJECT ${sources})
  target_link_libraries(${target}_headers PRIVATE ${target})
  target_compile_options(${target}_headers PRIVATE -O0 -g0)
endfunction()
