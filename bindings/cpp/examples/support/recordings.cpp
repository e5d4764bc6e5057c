// recordings.cpp - see recordings.hpp
#include "recordings.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <limits>
#include <regex>
#include <stdexcept>

namespace {

namespace fs = std::filesystem;

kinect2::image_layout layout_of(const fs::path &path) {
  const std::string name = path.filename().string();
  std::uint32_t width = 512, height = 424;
  std::smatch size;
  if (std::regex_search(name, size, std::regex("_([0-9]{1,5})x([0-9]{1,5})"))) {
    width = static_cast<std::uint32_t>(std::stoul(size[1]));
    height = static_cast<std::uint32_t>(std::stoul(size[2]));
  }
  return name.find("infrared") == std::string::npos ? kinect2::image_layout::depth(width, height)
                                                    : kinect2::image_layout::infrared(width, height);
}

recording read_file(const fs::path &path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path.string() + ": cannot be read");
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  recording read{path.string(), layout_of(path), {}};
  const std::size_t wanted = std::size_t{2} * read.layout.width * read.layout.height;
  if (bytes.size() != wanted)
    throw std::runtime_error(path.string() + ": " + std::to_string(bytes.size()) + " bytes, but a " +
                             std::to_string(read.layout.width) + "x" + std::to_string(read.layout.height) +
                             " frame of 16-bit values has " + std::to_string(wanted));
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    read.pixels.push_back(static_cast<std::uint16_t>(static_cast<unsigned char>(bytes[i]) |
                                                     static_cast<unsigned char>(bytes[i + 1]) << 8));
  return read;
}

struct difference {
  std::size_t pixels = 0, first = 0;
};

difference compare(kinect2::span<const std::uint16_t> received, const std::vector<std::uint16_t> &recorded) {
  difference found;
  for (std::size_t i = received.size(); i-- > 0;)
    if (received[i] != recorded[i]) {
      ++found.pixels;
      found.first = i;
    }
  return found;
}

}  // namespace

std::vector<recording> read_recordings(const fs::path &path) {
  if (!fs::is_directory(path)) return {read_file(path)};
  std::vector<fs::path> files;
  for (const fs::directory_entry &entry : fs::directory_iterator(path))
    if (entry.path().extension() == ".u16") files.push_back(entry.path());
  if (files.empty()) throw std::runtime_error(path.string() + ": no .u16 files in this folder");
  std::sort(files.begin(), files.end());
  std::vector<recording> recordings;
  for (const fs::path &file : files) recordings.push_back(read_file(file));
  return recordings;
}

bool is_recorded(const kinect2::frame &frame, const std::vector<recording> &recordings) {
  const kinect2::span<const std::uint16_t> pixels = frame.pixels();
  const recording *nearest = nullptr;
  difference least{std::numeric_limits<std::size_t>::max(), 0};
  for (const recording &each : recordings) {
    if (each.layout.stream != kinect2::stream::depth || each.layout.width != frame.width() ||
        each.layout.height != frame.height())
      continue;
    const difference found = compare(pixels, each.pixels);
    if (found.pixels == 0) return true;
    if (found.pixels < least.pixels) {
      least = found;
      nearest = &each;
    }
  }
  std::fprintf(stderr, "frame %llu (%ux%u) is none of the recorded ones",
               static_cast<unsigned long long>(frame.sequence()), frame.width(), frame.height());
  if (nearest)
    std::fprintf(stderr, ": nearest is %s, from which %zu pixels differ, first column %zu, row %zu%s",
                 nearest->path.c_str(), least.pixels, least.first % frame.width(), least.first / frame.width(),
                 has(frame.info().flags, kinect2::frame_flags::lossy) ? " (its server says that it is lossy)" : "");
  std::fprintf(stderr, "\n");
  return false;
}
