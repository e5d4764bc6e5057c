// check.hpp - what every test program here shares: checks that print file, line and values, and waits that stretch on
// slow machines (KINECT2_TEST_SLOWNESS, as the C tests).
//
// A failed CHECK is counted and the test goes on; a failed REQUIRE ends it. All of it may be used on any thread, but
// REQUIRE only on the test's own.
#ifndef STREAMKINECT2_TESTS_CHECK_HPP
#define STREAMKINECT2_TESTS_CHECK_HPP

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>

#include <streamkinect2.hpp>

using namespace std::chrono_literals;

namespace check {

inline std::atomic<int> failures{0};

struct stop {};  // a REQUIRE failed

inline bool that(bool holds, const std::string &what, const char *file, int line) {
  if (!holds) {
    ++failures;
    std::fprintf(stderr, "%s:%d: failed: %s\n", file, line, what.c_str());
  }
  return holds;
}

template <class A, class B>
bool equal(const A &actual, const B &expected, const char *text, const char *file, int line) {
  if (actual == expected) return true;
  std::ostringstream what;
  if constexpr (std::is_enum_v<A>)
    what << text << " is " << static_cast<long long>(actual) << ", not " << static_cast<long long>(expected);
  else
    what << text << " is " << actual << ", not " << expected;
  return that(false, what.str(), file, line);
}

/// How many times as long everything takes here.
inline double slowness() {
  const char *text = std::getenv("KINECT2_TEST_SLOWNESS");
  const double factor = text ? std::strtod(text, nullptr) : 1;
  return factor > 1 ? factor : 1;
}
inline std::chrono::milliseconds stretched(std::chrono::milliseconds time) {
  return std::chrono::milliseconds(static_cast<long long>(static_cast<double>(time.count()) * slowness()));
}

template <class Condition>
bool within(std::chrono::milliseconds time, Condition condition) {
  const auto end = std::chrono::steady_clock::now() + stretched(time);
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= end) return condition();
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

/// Runs one test, prints its outcome, and checks that it gave everything back.
inline void run(const char *name, void (*test)()) {
  const int before = failures;
  const std::uint32_t alive = kinect2::live_objects();
  const auto start = std::chrono::steady_clock::now();
  try {
    test();
  } catch (const stop &) {
    std::fprintf(stderr, "cannot go on\n");
  } catch (const std::exception &exception) {
    that(false, std::string("an exception: ") + exception.what(), name, 0);
  }
  that(within(2s, [&] { return kinect2::live_objects() <= alive; }), "everything was given back", name, 0);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("%s %s (%.2f s)\n", failures == before ? "ok    " : "FAILED", name, took.count());
  std::fflush(stdout);
}

inline int finish() { return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE; }

}  // namespace check

#define RUN(test) check::run(#test, test)
#define CHECK(...) check::that((__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)
#define CHECK_EQUAL(actual, expected) check::equal((actual), (expected), #actual, __FILE__, __LINE__)
#define CHECK_WITHIN(time, ...) \
  check::that(check::within((time), [&] { return static_cast<bool>(__VA_ARGS__); }), #__VA_ARGS__ " within " #time, __FILE__, __LINE__)
#define REQUIRE(...) (CHECK(__VA_ARGS__) ? (void)0 : throw check::stop())
#define REQUIRE_WITHIN(time, ...) (CHECK_WITHIN(time, __VA_ARGS__) ? (void)0 : throw check::stop())
// The expression throws kinect2::error with this status, and with a text.
#define CHECK_THROWS(expected, ...)                                                                 \
  do {                                                                                              \
    try {                                                                                           \
      __VA_ARGS__;                                                                                  \
      check::that(false, #__VA_ARGS__ " does not throw", __FILE__, __LINE__);                       \
    } catch (const kinect2::error &thrown) {                                                        \
      check::equal(thrown.code(), kinect2::status::expected, #__VA_ARGS__, __FILE__, __LINE__);     \
      check::that(std::string(thrown.what()).find(" (KINECT2_ERROR_") != std::string::npos,         \
                  std::string("a text: ") + thrown.what(), __FILE__, __LINE__);                     \
    }                                                                                               \
  } while (false)

#endif
