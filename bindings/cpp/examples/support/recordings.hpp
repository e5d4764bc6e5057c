// recordings.hpp - recorded frames: files of raw little-endian 16-bit values, row after row, the top one first.
//
// A file whose name contains `infrared` is infrared, every other one depth in millimetres (0: invalid). Its size is in
// its name (`depth_640x576.u16`), or else it is a Kinect v2's 512x424.
#ifndef EXAMPLES_SUPPORT_RECORDINGS_HPP
#define EXAMPLES_SUPPORT_RECORDINGS_HPP

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <streamkinect2.hpp>

struct recording {
  std::string path;
  kinect2::image_layout layout;
  std::vector<std::uint16_t> pixels;
};

/// Reads a file, or the .u16 files of a folder in name order. Throws std::runtime_error where one cannot be used.
std::vector<recording> read_recordings(const std::filesystem::path &path);

/// Whether a depth frame equals one of the recordings. Else stderr says which is nearest, how many pixels differ and
/// where the first is.
bool is_recorded(const kinect2::frame &frame, const std::vector<recording> &recordings);

#endif
