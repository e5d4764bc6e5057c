// depth_picture.hpp - a depth frame as PNG files. The drawing is that of the C programs, in examples-c/support.
#ifndef EXAMPLES_SUPPORT_DEPTH_PICTURE_HPP
#define EXAMPLES_SUPPORT_DEPTH_PICTURE_HPP

#include <cstdio>
#include <stdexcept>
#include <string>

#include <streamkinect2.hpp>

extern "C" {
#include "../../../../examples-c/support/depth_picture.h"
#include "../../../../examples-c/support/png_writer.h"
}

/// Writes PREFIX.png, the millimetres themselves, and PREFIX-color.png, which is for people. Throws std::runtime_error.
inline void save_depth(const kinect2::frame &frame, const std::string &prefix) {
  const std::string plain = prefix + ".png", colored = prefix + "-color.png";
  const std::string title = frame.kinect_id() + "  #" + std::to_string(frame.sequence()) + "  " +
                            std::to_string(frame.width()) + "x" + std::to_string(frame.height());
  struct canvas picture = {};
  if (!depth_picture_draw(&picture, frame.pixels().data(), frame.width(), frame.height(), title.c_str()))
    throw std::runtime_error("out of memory");
  const bool fine = png_write_grey16(plain.c_str(), frame.pixels().data(), frame.width(), frame.height()) &&
                    png_write_canvas(colored.c_str(), &picture);
  canvas_free(&picture);
  if (!fine) throw std::runtime_error("cannot write " + plain + " and " + colored);
  std::printf("saved %s: depth in millimetres\n", plain.c_str());
  std::printf("saved %s: colours with a scale in metres\n", colored.c_str());
}

#endif
