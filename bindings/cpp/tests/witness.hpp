// witness.hpp - what callbacks capture in tests of how long they live.
#ifndef STREAMKINECT2_TESTS_WITNESS_HPP
#define STREAMKINECT2_TESTS_WITNESS_HPP

#include <memory>

#include "rig.hpp"

/// Owned by a callback; tells when it is used after its end, and counts those that are alive.
class witness {
 public:
  explicit witness(std::atomic<int> &alive) : alive_(alive) { ++alive_; }
  witness(const witness &) = delete;
  witness &operator=(const witness &) = delete;
  ~witness() {
    magic_ = 0;
    --alive_;
  }

  void use() const {
    CHECK(magic_ == intact);
    std::this_thread::sleep_for(1ms);
    CHECK(magic_ == intact);
    ++calls;
  }

  mutable std::atomic<int> calls{0};

 private:
  static constexpr std::uint32_t intact = 0x600D600D;
  std::atomic<std::uint32_t> magic_{intact};
  std::atomic<int> &alive_;
};

using mock_rig = rig<kinect2::mock_device>;
using push_rig = rig<kinect2::push_device>;

#endif
