# The library as targets of this build:
#
#   streamkinect2::shared         libstreamkinect2.so
#   streamkinect2::static         libstreamkinect2.a and the system libraries that it needs
#   streamkinect2::streamkinect2  the shared one
#
# Cargo knows best what is out of date, so it is asked in every build.

find_program(STREAMKINECT2_CARGO cargo HINTS "$ENV{HOME}/.cargo/bin" DOC "cargo, which builds the library")
if(NOT STREAMKINECT2_CARGO)
  message(FATAL_ERROR "cargo not found: install Rust (on Debian 12: apt-get install rustc-web cargo-web), or set STREAMKINECT2_CARGO.")
endif()

if(DEFINED ENV{CARGO_TARGET_DIR})
  get_filename_component(default_target_dir "$ENV{CARGO_TARGET_DIR}" ABSOLUTE BASE_DIR "${PROJECT_SOURCE_DIR}")
else()
  set(default_target_dir "${PROJECT_SOURCE_DIR}/target")
endif()
set(STREAMKINECT2_TARGET_DIR "${default_target_dir}" CACHE PATH "cargo's target directory")

set(release_dir "${STREAMKINECT2_TARGET_DIR}/release")
set(shared_file "${release_dir}/libstreamkinect2.so")
set(static_file "${release_dir}/libstreamkinect2.a")

if(STREAMKINECT2_SYSTEM_DISCOVERY)
  set(cargo_features --features=default)
else()
  set(cargo_features --no-default-features)
endif()

add_custom_target(streamkinect2_cargo ALL
  # make's jobserver does not reach custom targets: without this cargo warns that it cannot be found
  COMMAND "${CMAKE_COMMAND}" -E env --unset=MAKEFLAGS --unset=MFLAGS --unset=CARGO_MAKEFLAGS
          "${STREAMKINECT2_CARGO}" build --release --lib ${cargo_features} --target-dir "${STREAMKINECT2_TARGET_DIR}"
  BYPRODUCTS "${shared_file}" "${static_file}"
  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
  USES_TERMINAL VERBATIM)

add_library(streamkinect2::shared SHARED IMPORTED)
set_target_properties(streamkinect2::shared PROPERTIES
  IMPORTED_LOCATION "${shared_file}"
  IMPORTED_SONAME "${soname}"
  INTERFACE_INCLUDE_DIRECTORIES "${PROJECT_SOURCE_DIR}/include")
add_dependencies(streamkinect2::shared streamkinect2_cargo)

# Only rustc knows what a static library of this crate still needs, and only after a build. So the
# answer is written into files during the build: for the linker, the CMake package and pkg-config.
set(native_libs_rsp "${PROJECT_BINARY_DIR}/native-static-libs.rsp")
set(native_libs_cmake "${PROJECT_BINARY_DIR}/streamkinect2-native-static-libs.cmake")
set(native_libs_pc "${PROJECT_BINARY_DIR}/streamkinect2.pc")
add_custom_command(
  OUTPUT "${native_libs_rsp}" "${native_libs_cmake}" "${native_libs_pc}"
  COMMAND "${CMAKE_COMMAND}"
    "-DCARGO=${STREAMKINECT2_CARGO}" "-DTARGET_DIR=${STREAMKINECT2_TARGET_DIR}" "-DFEATURES=${cargo_features}"
    "-DRSP_FILE=${native_libs_rsp}" "-DCMAKE_FILE=${native_libs_cmake}" "-DPC_FILE=${native_libs_pc}"
    -P "${PROJECT_SOURCE_DIR}/cmake/native-static-libs.cmake"
  DEPENDS Cargo.toml Cargo.lock build.rs cmake/native-static-libs.cmake "${native_libs_pc}.in"
  WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
  COMMENT "Asking rustc which system libraries the static library needs"
  USES_TERMINAL VERBATIM)
add_custom_target(streamkinect2_native_static_libs ALL DEPENDS "${native_libs_rsp}")
add_dependencies(streamkinect2_native_static_libs streamkinect2_cargo) # one cargo at a time

add_library(streamkinect2::static STATIC IMPORTED)
set_target_properties(streamkinect2::static PROPERTIES
  IMPORTED_LOCATION "${static_file}"
  INTERFACE_LINK_LIBRARIES "-Wl,@${native_libs_rsp}"
  INTERFACE_INCLUDE_DIRECTORIES "${PROJECT_SOURCE_DIR}/include")
add_dependencies(streamkinect2::static streamkinect2_native_static_libs)

add_library(streamkinect2::streamkinect2 INTERFACE IMPORTED)
set_target_properties(streamkinect2::streamkinect2 PROPERTIES INTERFACE_LINK_LIBRARIES streamkinect2::shared)
