/* check.c - see check.h */
#include "check.h"

#include <dirent.h>
#include <inttypes.h>
#include <time.h>
#include <unistd.h>

static atomic_uint failures;

bool check_that(bool holds, const char *text, const char *file, int line) {
  if (!holds) {
    atomic_fetch_add(&failures, 1);
    fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
  }
  return holds;
}

bool check_result(kinect2_result_t actual, kinect2_result_t expected, const char *call, const char *file, int line) {
  if (actual == expected) return true;
  char reason[KINECT2_TEXT_CAPACITY] = "";
  if (actual < 0) kinect2_last_error(reason, sizeof reason, NULL);
  atomic_fetch_add(&failures, 1);
  fprintf(stderr, "%s:%d: %s\n  is %s (%" PRId32 ") %s\n  expected %s (%" PRId32 ")\n", file, line, call,
          kinect2_result_name(actual), actual, reason, kinect2_result_name(expected), expected);
  return false;
}

bool check_equal(intmax_t actual, intmax_t expected, const char *actual_text, const char *expected_text,
                 const char *file, int line) {
  if (actual == expected) return true;
  atomic_fetch_add(&failures, 1);
  fprintf(stderr, "%s:%d: %s is %jd\n  expected %s, %jd\n", file, line, actual_text, actual, expected_text, expected);
  return false;
}

bool check_text(const char *actual, const char *expected, const char *actual_text, const char *file, int line) {
  if (actual != NULL && strcmp(actual, expected) == 0) return true;
  atomic_fetch_add(&failures, 1);
  fprintf(stderr, "%s:%d: %s is \"%s\"\n  expected \"%s\"\n", file, line, actual_text,
          actual != NULL ? actual : "(null)", expected);
  return false;
}

_Noreturn void stop_tests(void) {
  fprintf(stderr, "cannot go on\n");
  fflush(NULL);
  _exit(1); /* exit() would run handlers while other threads still use what they end */
}

void run_test(const char *name, void (*test)(void)) {
  const unsigned before = atomic_load(&failures);
  const uint32_t alive = kinect2_live_objects(); /* what an earlier test leaked is not this one's fault */
  const uint64_t start = now_ns();
  test();
  /* a handle destroyed in its own callback goes when that callback has returned */
  CHECK_WITHIN(2000, kinect2_live_objects() <= alive);
  printf("%s %s (%.2f s)\n", atomic_load(&failures) == before ? "ok    " : "FAILED", name,
         (double)(now_ns() - start) / 1e9);
  fflush(stdout);
}

int finish_tests(void) {
  const unsigned failed = atomic_load(&failures);
  if (failed != 0) printf("%u checks failed\n", failed);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

double slowness(void) {
  const char *text = getenv("KINECT2_TEST_SLOWNESS");
  const double factor = text != NULL ? strtod(text, NULL) : 1.0;
  return factor > 1.0 ? factor : 1.0;
}

uint32_t wait_ms(uint32_t milliseconds) { return (uint32_t)(milliseconds * slowness()); }

uint64_t deadline_in(uint32_t milliseconds) { return now_ns() + (uint64_t)wait_ms(milliseconds) * 1000000u; }

void sleep_ms(uint32_t milliseconds) {
  struct timespec rest = {(time_t)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000000};
  while (nanosleep(&rest, &rest) != 0) {
  }
}

static unsigned count_entries(const char *folder) {
  unsigned entries = 0;
  DIR *listing = opendir(folder);
  if (listing == NULL) return 0;
  for (const struct dirent *entry = readdir(listing); entry != NULL; entry = readdir(listing)) {
    if (entry->d_name[0] != '.') entries++;
  }
  closedir(listing);
  return entries;
}

unsigned count_threads(void) { return count_entries("/proc/self/task"); }

/* without the one that reading the folder takes */
unsigned count_descriptors(void) { return count_entries("/proc/self/fd") - 1; }

uint64_t resident_bytes(void) {
  unsigned long long total = 0, resident = 0;
  FILE *file = fopen("/proc/self/statm", "r");
  if (file == NULL) return 0;
  const int read = fscanf(file, "%llu %llu", &total, &resident);
  fclose(file);
  return read == 2 ? resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}
