# Installs library, headers, CMake package, pkg-config file and licences. Nothing in them is an absolute path:
# the installed tree works wherever it is moved to.
include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/streamkinect2")
set(real_name "libstreamkinect2.so.${PROJECT_VERSION}")

# libstreamkinect2.so (for linking) -> soname (for running) -> the file
install(FILES "${shared_file}" DESTINATION "${CMAKE_INSTALL_LIBDIR}" RENAME "${real_name}")
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/links")
file(CREATE_LINK "${real_name}" "${PROJECT_BINARY_DIR}/links/${soname}" SYMBOLIC)
file(CREATE_LINK "${soname}" "${PROJECT_BINARY_DIR}/links/libstreamkinect2.so" SYMBOLIC)
install(FILES "${PROJECT_BINARY_DIR}/links/${soname}" "${PROJECT_BINARY_DIR}/links/libstreamkinect2.so"
        DESTINATION "${CMAKE_INSTALL_LIBDIR}")
if(static_file)
  install(FILES "${static_file}" DESTINATION "${CMAKE_INSTALL_LIBDIR}")
endif()
install(DIRECTORY include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h" PATTERN "*.hpp")
install(FILES LICENSE-APACHE LICENSE-MIT THIRD-PARTY-NOTICES.txt DESTINATION "${CMAKE_INSTALL_DOCDIR}")

configure_package_config_file(cmake/streamkinect2-config.cmake.in "${PROJECT_BINARY_DIR}/streamkinect2-config.cmake"
  INSTALL_DESTINATION "${package_dir}"
  PATH_VARS CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/streamkinect2-config-version.cmake"
  COMPATIBILITY ${compatibility})
install(FILES "${PROJECT_BINARY_DIR}/streamkinect2-config.cmake"
              "${PROJECT_BINARY_DIR}/streamkinect2-config-version.cmake"
        DESTINATION "${package_dir}")
if(static_file)
  install(FILES "${native_libs_cmake}" DESTINATION "${package_dir}")
endif()

# With a static library the .pc file gets rustc's answer where cargo.cmake says so, in the build.
file(RELATIVE_PATH pc_prefix "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" pc_prefix "${pc_prefix}")
file(RELATIVE_PATH pc_libdir "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_LIBDIR}")
file(RELATIVE_PATH pc_includedir "${CMAKE_INSTALL_PREFIX}" "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
if(static_file)
  set(native_static_libs "@native_static_libs@") # stays to be filled in
  configure_file(cmake/streamkinect2.pc.in "${native_libs_pc}.in" @ONLY)
else()
  set(native_libs_pc "${PROJECT_BINARY_DIR}/streamkinect2.pc")
  set(native_static_libs "")
  configure_file(cmake/streamkinect2.pc.in "${native_libs_pc}" @ONLY)
endif()
install(FILES "${native_libs_pc}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
