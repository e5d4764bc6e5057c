/* shift_clock.c - loaded before the C library: the process's monotonic clocks are 7.5 s ahead and run 100 ppm fast. */
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const long long shift_ns = 7500000000LL, second_ns = 1000000000LL, parts = 10000; /* one part in so many: 100 ppm */

int clock_gettime(clockid_t clock, struct timespec *time) {
  const int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && (clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME)) {
    const long long true_ns = time->tv_sec * second_ns + time->tv_nsec;
    const long long ns = true_ns + true_ns / parts + shift_ns;
    time->tv_sec = (time_t)(ns / second_ns);
    time->tv_nsec = (long)(ns % second_ns);
  }
  return result;
}
