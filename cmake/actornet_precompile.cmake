# SPDX-License-Identifier: BSD-3-Clause

# CAF's headers take seconds per source file. What includes them shares one precompiled header.
# A source must still include what it uses: the test of the shared libraries builds them without it.
set(ACTORNET_PRECOMPILED <caf/all.hpp> <algorithm> <chrono> <functional> <map> <memory> <optional> <string>
  <string_view> <unordered_map> <utility> <variant> <vector>)

# actornet_precompile_caf(TARGET): TARGET includes CAF.
function(actornet_precompile_caf target)
  get_target_property(kind ${target} TYPE)
  if(kind STREQUAL "SHARED_LIBRARY")
    # Its code is position independent, and a compiler takes only a header precompiled the same way.
    target_precompile_headers(${target} PRIVATE ${ACTORNET_PRECOMPILED})
    return()
  endif()
  set(precompiled actornet_precompiled)
  get_target_property(unoptimised ${target} ACTORNET_UNOPTIMISED)
  if(unoptimised) # a compiler takes only a header precompiled with the same optimisation
    set(precompiled actornet_precompiled_unoptimised)
  endif()
  if(NOT TARGET ${precompiled})
    actornet_precompiled_header(${precompiled})
    if(unoptimised)
      target_compile_options(${precompiled} PRIVATE -O0)
    endif()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${precompiled})
endfunction()

function(actornet_precompiled_header name)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/${name}.cpp" CONTENT "")
  add_library(${name} OBJECT "${PROJECT_BINARY_DIR}/generated/${name}.cpp")
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_link_libraries(${name} PRIVATE CAF::core)
  target_precompile_headers(${name} PRIVATE ${ACTORNET_PRECOMPILED})
  # What ccache hands out may be older than the headers that it was made of, and clang would refuse it.
  target_compile_options(${name} PRIVATE
    "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
endfunction()
