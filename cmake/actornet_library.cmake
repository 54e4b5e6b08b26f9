# SPDX-License-Identifier: BSD-3-Clause

# actornet_library(NAME FILE...): the library actornet_NAME, known to users as actornet::NAME, made of the listed
# sources and of the public headers in include/ beside the calling CMakeLists.txt. Private headers are found from src/.
# It has an export set of its own, so that a user of one library needs only what that one needs.
function(actornet_library name)
  set(target actornet_${name})
  add_library(${target} ${ARGN})
  add_library(actornet::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} PUBLIC
    "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>"
    "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated/include>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    PRIVATE src)
  # While the version is 0.x, every minor release may change the binary interface.
  set_target_properties(${target} PROPERTIES
    EXPORT_NAME ${name}
    VERSION ${PROJECT_VERSION}
    SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
  install(TARGETS ${target} EXPORT actornet_${name}_targets
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}"
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
  install(DIRECTORY include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.hpp")
endfunction()
