# SPDX-License-Identifier: BSD-3-Clause

# What find_package(actornet) and pkg-config need. The libraries install themselves: see actornet_library.cmake.
set(ACTORNET_CMAKE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/actornet")
configure_package_config_file(cmake/actornetConfig.cmake.in "${PROJECT_BINARY_DIR}/actornetConfig.cmake"
  INSTALL_DESTINATION "${ACTORNET_CMAKE_DIR}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/actornetConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/actornetConfig.cmake"
  "${PROJECT_BINARY_DIR}/actornetConfigVersion.cmake"
  cmake/FindCAF.cmake
  DESTINATION "${ACTORNET_CMAKE_DIR}")
foreach(library IN ITEMS net actors)
  install(EXPORT actornet_${library}_targets NAMESPACE actornet:: DESTINATION "${ACTORNET_CMAKE_DIR}")
endforeach()

# The prefix is found from the place of the .pc file, so that `cmake --install --prefix` is obeyed.
# A distribution may give absolute folders; they stand as they are.
file(RELATIVE_PATH ACTORNET_PC_PREFIX
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
foreach(dir IN ITEMS LIB INCLUDE)
  set(ACTORNET_PC_${dir}DIR "${CMAKE_INSTALL_${dir}DIR}")
  cmake_path(ABSOLUTE_PATH ACTORNET_PC_${dir}DIR BASE_DIRECTORY "\${prefix}" NORMALIZE)
endforeach()
# Who links a static library links what it uses, too.
set(ACTORNET_PC_REQUIRES "Requires")
if(BUILD_SHARED_LIBS)
  set(ACTORNET_PC_REQUIRES "Requires.private")
endif()
foreach(package IN ITEMS actornet-net actornet)
  configure_file(cmake/${package}.pc.in "${PROJECT_BINARY_DIR}/${package}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${package}.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()
