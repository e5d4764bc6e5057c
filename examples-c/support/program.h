/* program.h - what the programs here have in common: stopping on Ctrl-C, time limits, errors.
 *
 * Include it in the file that has main(). */
#ifndef EXAMPLES_SUPPORT_PROGRAM_H
#define EXAMPLES_SUPPORT_PROGRAM_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "streamkinect2.h"

/* How long one wait in a main loop takes at most: a signal ends no wait, so the loop looks again. */
enum { TICK_MS = 100 };

/* The only thing a signal handler may touch, and the only global variable here. */
static volatile sig_atomic_t stop_signal_came;

static inline void on_stop_signal(int number) {
  (void)number;
  stop_signal_came = 1;
}

static inline void log_to_stderr(uint32_t level, const char *message, void *user_data) {
  static const char *const names[] = {"off", "error", "warn", "info", "debug"};
  (void)user_data;
  fprintf(stderr, "[%s] %s\n", level < 5 ? names[level] : "log", message);
}

/* Ctrl-C and SIGTERM end the main loop, which then destroys what it made. Facts on stdout appear
 * line by line also where they go into a file or pipe. */
static inline void program_begin(bool verbose) {
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  signal(SIGINT, on_stop_signal);
  signal(SIGTERM, on_stop_signal);
  if (verbose) kinect2_set_log_callback(KINECT2_LOG_DEBUG, log_to_stderr, NULL);
}

/* When `seconds` from now will be, for running(); 0: never. */
static inline uint64_t time_limit(double seconds) {
  return seconds > 0 ? kinect2_clock_ns() + (uint64_t)(seconds * 1e9) : UINT64_MAX;
}

static inline bool running(uint64_t limit) {
  return !stop_signal_came && kinect2_clock_ns() < limit;
}

/* True if `result` is an error; then says so, with the reason that the library gives. */
static inline bool failed(kinect2_result_t result, const char *what) {
  if (result >= 0) return false;
  char reason[KINECT2_TEXT_CAPACITY] = "";
  kinect2_last_error(reason, sizeof reason, NULL);
  fprintf(stderr, "%s: %s (%s)\n", what, reason, kinect2_result_name(result));
  return true;
}

#endif
