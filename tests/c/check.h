/* check.h - what every test program here shares: checks that print file, line and values; a clock and waits that
 * stretch on slow machines; counts of what the process holds.
 *
 * A failed CHECK is counted and the test goes on, so that one run shows everything; a failed REQUIRE ends the program.
 * All of it may be used from any thread, callbacks included. */
#ifndef STREAMKINECT2_CHECK_H
#define STREAMKINECT2_CHECK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "streamkinect2.h"

/* Runs one test, prints its name and outcome, and checks that it gave every handle and frame back. */
#define RUN(test) run_test(#test, test)
void run_test(const char *name, void (*test)(void));
/* The exit code of the program. */
int finish_tests(void);

#define CHECK(condition) check_that((condition), #condition, __FILE__, __LINE__)
#define CHECK_RESULT(call, expected) check_result((call), (expected), #call, __FILE__, __LINE__)
#define CHECK_OK(call) check_result((call), KINECT2_OK, #call, __FILE__, __LINE__)
#define CHECK_EQUAL(actual, expected) \
  check_equal((intmax_t)(actual), (intmax_t)(expected), #actual, #expected, __FILE__, __LINE__)
#define CHECK_TEXT(actual, expected) check_text((actual), (expected), #actual, __FILE__, __LINE__)
/* The condition comes true within so many milliseconds, stretched as wait_ms() is. */
#define CHECK_WITHIN(milliseconds, condition)                                                 \
  do {                                                                                        \
    const uint64_t deadline_ = deadline_in(milliseconds);                                     \
    while (!(condition) && now_ns() < deadline_) sleep_ms(1);                                 \
    check_that((condition), #condition " (within " #milliseconds " ms)", __FILE__, __LINE__); \
  } while (0)

#define REQUIRE(condition) (check_that((condition), #condition, __FILE__, __LINE__) ? (void)0 : stop_tests())
#define REQUIRE_OK(call) (check_result((call), KINECT2_OK, #call, __FILE__, __LINE__) ? (void)0 : stop_tests())
#define REQUIRE_WITHIN(milliseconds, condition)               \
  do {                                                        \
    const uint64_t deadline_ = deadline_in(milliseconds);     \
    while (!(condition) && now_ns() < deadline_) sleep_ms(1); \
    REQUIRE(condition);                                       \
  } while (0)

bool check_that(bool holds, const char *text, const char *file, int line);
bool check_result(kinect2_result_t actual, kinect2_result_t expected, const char *call, const char *file, int line);
bool check_equal(intmax_t actual, intmax_t expected, const char *actual_text, const char *expected_text,
                 const char *file, int line);
bool check_text(const char *actual, const char *expected, const char *actual_text, const char *file, int line);
_Noreturn void stop_tests(void);

/* CLOCK_MONOTONIC, as kinect2_clock_ns() but without the library. */
uint64_t now_ns(void);
/* How often slower this machine is than an idle desktop: KINECT2_TEST_SLOWNESS, 1 if not set. */
double slowness(void);
/* A time limit in milliseconds, multiplied by slowness(). */
uint32_t wait_ms(uint32_t milliseconds);
/* now_ns() at which a wait of wait_ms(milliseconds) ends. */
uint64_t deadline_in(uint32_t milliseconds);
void sleep_ms(uint32_t milliseconds);

/* What this process holds now. */
unsigned count_threads(void);
unsigned count_descriptors(void);
uint64_t resident_bytes(void);

#endif
