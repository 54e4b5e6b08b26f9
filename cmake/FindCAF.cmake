# SPDX-License-Identifier: BSD-3-Clause
#
# Finds the C++ Actor Framework 0.17, which has no CMake package of its own in Debian and Ubuntu (libcaf-dev).
#
#   find_package(CAF 0.17.6 COMPONENTS core io openssl)      (no components: core)
#
# gives CAF::core, CAF::io, CAF::openssl, CAF_FOUND, CAF_VERSION and CAF_<component>_FOUND.
# CAF_ROOT, as a variable or in the environment, points to an installation elsewhere.

if(NOT CAF_FIND_COMPONENTS)
  set(CAF_FIND_COMPONENTS core)
endif()

find_path(CAF_INCLUDE_DIR NAMES caf/all.hpp)
mark_as_advanced(CAF_INCLUDE_DIR)

# CAF_VERSION is 1706 for 0.17.6: major * 10000 + minor * 100 + patch.
if(CAF_INCLUDE_DIR AND EXISTS "${CAF_INCLUDE_DIR}/caf/config.hpp")
  file(STRINGS "${CAF_INCLUDE_DIR}/caf/config.hpp" CAF_VERSION_LINE REGEX "^#define CAF_VERSION [0-9]+")
  string(REGEX MATCH "[0-9]+" CAF_VERSION_NUMBER "${CAF_VERSION_LINE}")
  if(CAF_VERSION_NUMBER)
    math(EXPR CAF_VERSION_MAJOR "${CAF_VERSION_NUMBER} / 10000")
    math(EXPR CAF_VERSION_MINOR "(${CAF_VERSION_NUMBER} / 100) % 100")
    math(EXPR CAF_VERSION_PATCH "${CAF_VERSION_NUMBER} % 100")
    set(CAF_VERSION "${CAF_VERSION_MAJOR}.${CAF_VERSION_MINOR}.${CAF_VERSION_PATCH}")
  endif()
endif()

foreach(component IN LISTS CAF_FIND_COMPONENTS)
  find_library(CAF_${component}_LIBRARY NAMES caf_${component})
  mark_as_advanced(CAF_${component}_LIBRARY)
  if(CAF_INCLUDE_DIR AND CAF_${component}_LIBRARY)
    set(CAF_${component}_FOUND TRUE)
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_INCLUDE_DIR
  VERSION_VAR CAF_VERSION
  HANDLE_VERSION_RANGE
  HANDLE_COMPONENTS
  REASON_FAILURE_MESSAGE "on Debian and Ubuntu: apt-get install libcaf-dev")

if(CAF_FOUND)
  find_package(Threads QUIET)
  foreach(component IN LISTS CAF_FIND_COMPONENTS)
    if(CAF_${component}_FOUND AND NOT TARGET CAF::${component})
      add_library(CAF::${component} UNKNOWN IMPORTED)
      set_target_properties(CAF::${component} PROPERTIES
        IMPORTED_LOCATION "${CAF_${component}_LIBRARY}"
        INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}"
        INTERFACE_LINK_LIBRARIES Threads::Threads)
    endif()
  endforeach()
  # Each part stands on core, and TLS on io.
  foreach(pair "io core" "openssl io")
    separate_arguments(pair)
    list(GET pair 0 upper)
    list(GET pair 1 lower)
    if(TARGET CAF::${upper} AND TARGET CAF::${lower})
      set_property(TARGET CAF::${upper} APPEND PROPERTY INTERFACE_LINK_LIBRARIES CAF::${lower})
    endif()
  endforeach()
endif()
