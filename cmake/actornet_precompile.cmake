# SPDX-License-Identifier: BSD-3-Clause

# Headers take longer to read than most sources to compile: CAF's seconds, Catch2's and the standard library's one. What
# includes the same shares one precompiled header. A source must still include what it uses: the test of the shared
# libraries builds them without it.
set(ACTORNET_PRECOMPILED_STANDARD <algorithm> <array> <atomic> <chrono> <deque> <functional> <map> <memory> <mutex> <optional>
  <span> <string> <string_view> <unordered_map> <utility> <variant> <vector>)
set(ACTORNET_PRECOMPILED_net <tl/expected.hpp> ${ACTORNET_PRECOMPILED_STANDARD})
set(ACTORNET_PRECOMPILED_net_tests <catch2/catch.hpp> ${ACTORNET_PRECOMPILED_net})
set(ACTORNET_PRECOMPILED_caf <caf/all.hpp> ${ACTORNET_PRECOMPILED_STANDARD})
# Their options must be the same.
set(ACTORNET_LIBRARIES_net Threads::Threads tl::expected)
set(ACTORNET_LIBRARIES_net_tests ${ACTORNET_LIBRARIES_net} Catch2::Catch2)
set(ACTORNET_LIBRARIES_caf CAF::core)

# actornet_precompile(TARGET net|net_tests|caf): TARGET includes the headers of one of the lists above.
function(actornet_precompile target kind)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "SHARED_LIBRARY")
    # Its code is position independent, and a compiler takes only a header precompiled the same way.
    target_precompile_headers(${target} PRIVATE ${ACTORNET_PRECOMPILED_${kind}})
    return()
  endif()
  set(precompiled actornet_precompiled_${kind})
  get_target_property(unoptimised ${target} ACTORNET_UNOPTIMISED)
  if(unoptimised) # a compiler takes only a header precompiled with the same optimisation
    string(APPEND precompiled _unoptimised)
  endif()
  if(NOT TARGET ${precompiled})
    actornet_precompiled_header(${precompiled} ${kind})
    if(unoptimised)
      target_compile_options(${precompiled} PRIVATE -O0)
    endif()
  endif()
  target_precompile_headers(${target} REUSE_FROM ${precompiled})
endfunction()

function(actornet_precompiled_header name kind)
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/generated/${name}.cpp" CONTENT "")
  add_library(${name} OBJECT "${PROJECT_BINARY_DIR}/generated/${name}.cpp")
  target_compile_features(${name} PUBLIC cxx_std_20)
  target_link_libraries(${name} PRIVATE ${ACTORNET_LIBRARIES_${kind}})
  target_precompile_headers(${name} PRIVATE ${ACTORNET_PRECOMPILED_${kind}})
  # What ccache hands out may be older than the headers that it was made of, and clang would refuse it.
  target_compile_options(${name} PRIVATE
    "$<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>")
  set_property(GLOBAL APPEND PROPERTY ACTORNET_PRECOMPILED ${name})
endfunction()

# Behind all others: the target `actornet_precompiled` makes them all, for who only reads the sources.
function(actornet_gather_precompiled)
  get_property(made GLOBAL PROPERTY ACTORNET_PRECOMPILED)
  add_custom_target(actornet_precompiled)
  if(made)
    add_dependencies(actornet_precompiled ${made})
  endif()
endfunction()
