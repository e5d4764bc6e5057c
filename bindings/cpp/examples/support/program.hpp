// program.hpp - what the programs here have in common: stopping on Ctrl-C, time limits, errors.
//
// Include it in the file that has main().
#ifndef EXAMPLES_SUPPORT_PROGRAM_HPP
#define EXAMPLES_SUPPORT_PROGRAM_HPP

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>

#include <streamkinect2.hpp>

using clock_type = kinect2::monotonic_clock;

/// How long one wait in a main loop takes at most: a signal ends no wait, so the loop looks again.
constexpr std::chrono::milliseconds tick{100};

/// The only thing a signal handler may touch.
inline volatile std::sig_atomic_t stop_signal_came = 0;

inline void on_stop_signal(int) { stop_signal_came = 1; }

/// When `seconds` from now will be, for running(); 0: never.
inline clock_type::time_point time_limit(double seconds) {
  if (seconds <= 0) return clock_type::time_point::max();
  return clock_type::now() + std::chrono::duration_cast<clock_type::duration>(std::chrono::duration<double>(seconds));
}

inline bool running(clock_type::time_point limit) { return !stop_signal_came && clock_type::now() < limit; }

inline double milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// For what happened without a call.
inline void print_error(const kinect2::event &event) {
  std::fprintf(stderr, "%s (%s)\n", event.text.c_str(), name(event.result));
}

/// Runs `body()`, whose result is the exit status. Ctrl-C and SIGTERM end its main loop; exceptions are printed, and end
/// with status 1. Facts on stdout appear line by line also where they go into a file or pipe.
template <class Body>
int run_program(bool verbose, Body body) {
  std::setvbuf(stdout, nullptr, _IOLBF, BUFSIZ);
  std::signal(SIGINT, on_stop_signal);
  std::signal(SIGTERM, on_stop_signal);
  try {
    if (verbose)
      kinect2::set_log(kinect2::log_level::debug, [](kinect2::log_level level, std::string_view message) {
        static const char *const names[] = {"off", "error", "warn", "info", "debug"};
        const auto number = static_cast<std::size_t>(level);
        std::fprintf(stderr, "[%s] %.*s\n", number < 5 ? names[number] : "log", static_cast<int>(message.size()),
                     message.data());
      });
    return body();
  } catch (const std::exception &exception) {
    std::fprintf(stderr, "%s\n", exception.what());
    return EXIT_FAILURE;
  }
}

#endif
