# A shared library that was built elsewhere, as targets of this build:
#
#   streamkinect2::shared         STREAMKINECT2_PREBUILT
#   streamkinect2::streamkinect2  the same
#
# There is no static library with it: one whose C++ parts were compiled for another C++ runtime would not link.
get_filename_component(shared_file "${STREAMKINECT2_PREBUILT}" REALPATH)
if(NOT EXISTS "${shared_file}")
  message(FATAL_ERROR "STREAMKINECT2_PREBUILT: there is no file ${STREAMKINECT2_PREBUILT}")
endif()
set(static_file "")

add_library(streamkinect2::shared SHARED IMPORTED)
set_target_properties(streamkinect2::shared PROPERTIES
  IMPORTED_LOCATION "${shared_file}"
  IMPORTED_SONAME "${soname}"
  INTERFACE_INCLUDE_DIRECTORIES "${PROJECT_SOURCE_DIR}/include")
add_library(streamkinect2::streamkinect2 INTERFACE IMPORTED)
set_target_properties(streamkinect2::streamkinect2 PROPERTIES INTERFACE_LINK_LIBRARIES streamkinect2::shared)
