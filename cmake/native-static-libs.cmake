# Run with `cmake -P` in the project's root: asks rustc for the native libraries of the static
# library and writes them for the linker (RSP_FILE), the installed CMake package (CMAKE_FILE) and
# pkg-config (PC_FILE, from PC_FILE.in). CARGO, FEATURES and TARGET_DIR say how to build.

# The crate is compiled once more for this, its dependencies are not.
execute_process(
  COMMAND "${CMAKE_COMMAND}" -E env --unset=MAKEFLAGS --unset=MFLAGS --unset=CARGO_MAKEFLAGS
          "${CARGO}" rustc --release --lib ${FEATURES} --crate-type staticlib --color never
          --target-dir "${TARGET_DIR}" -- --print native-static-libs
  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE result)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "cargo could not build the static library:\n${output}")
endif()
if(NOT output MATCHES "native-static-libs: ([^\r\n]*)")
  message(FATAL_ERROR "rustc did not name the native libraries of the static library:\n${output}")
endif()
separate_arguments(libraries UNIX_COMMAND "${CMAKE_MATCH_1}")
list(REMOVE_DUPLICATES libraries)

string(REPLACE ";" " " native_static_libs "${libraries}")

file(WRITE "${RSP_FILE}" "${native_static_libs}\n")
file(WRITE "${CMAKE_FILE}" "# The system libraries that libstreamkinect2.a needs, as rustc named them.
set(streamkinect2_native_static_libs \"${libraries}\")
")
configure_file("${PC_FILE}.in" "${PC_FILE}" @ONLY)
