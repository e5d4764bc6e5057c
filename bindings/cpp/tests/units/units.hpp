// units.hpp - between the two units of one program, of which one is compiled as C++17 and the other as C++20.
#ifndef STREAMKINECT2_TESTS_UNITS_HPP
#define STREAMKINECT2_TESTS_UNITS_HPP

#include <atomic>

#include <streamkinect2.hpp>

/// In the unit of C++20: the sum of a frame's values, by each way to them.
struct sums {
  unsigned long pixels, rows, bytes;
};
sums add_up(const kinect2::frame &frame);

/// In the unit of C++20: sets a callback on a device of the other unit, which counts there.
void count_frames(kinect2::device &device, std::atomic<int> &count);

#endif
