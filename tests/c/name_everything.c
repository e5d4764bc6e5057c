/* Names and versions: every result has a name of its own, and the header and the library are of one version. */
#include "check.h"

static void every_result_has_a_name_of_its_own(void) {
  static const kinect2_result_t results[] = {
      KINECT2_OK,
      KINECT2_TIMEOUT,
      KINECT2_CLOSED,
      KINECT2_ERROR_INTERNAL,
      KINECT2_ERROR_INVALID_ARGUMENT,
      KINECT2_ERROR_BAD_HANDLE,
      KINECT2_ERROR_BAD_STATE,
      KINECT2_ERROR_NOT_FOUND,
      KINECT2_ERROR_BUFFER_TOO_SMALL,
      KINECT2_ERROR_IO,
      KINECT2_ERROR_PROTOCOL,
      KINECT2_ERROR_UNSUPPORTED,
      KINECT2_ERROR_CORRUPT,
      KINECT2_ERROR_IN_USE,
      KINECT2_ERROR_OUT_OF_MEMORY,
      KINECT2_ERROR_LIMIT,
      KINECT2_ERROR_REFUSED,
  };
  enum { RESULTS = sizeof results / sizeof *results };
  for (int i = 0; i < RESULTS; i++) {
    const char *name = kinect2_result_name(results[i]);
    printf("  %3d %s\n", (int)results[i], name);
    CHECK(name != NULL && name[0] != '\0');
    for (int k = 0; k < i; k++) CHECK(strcmp(name, kinect2_result_name(results[k])) != 0);
    CHECK(strcmp(name, kinect2_result_name(-9999)) != 0); /* which is not known */
  }
}

static void header_and_library_are_of_one_version(void) {
  char numbers[32];
  const uint32_t version = KINECT2_VERSION_MAJOR << 16 | KINECT2_VERSION_MINOR << 8 | KINECT2_VERSION_PATCH;
  CHECK_EQUAL(kinect2_version(), version);
  snprintf(numbers, sizeof numbers, "%d.%d.%d", KINECT2_VERSION_MAJOR, KINECT2_VERSION_MINOR, KINECT2_VERSION_PATCH);
  CHECK_TEXT(kinect2_version_string(), numbers);
  CHECK(kinect2_version_string() == kinect2_version_string()); /* static text */
}

static void the_clock_is_the_monotonic_one(void) {
  const uint64_t before = now_ns(), clock = kinect2_clock_ns(), after = now_ns();
  CHECK(before <= clock && clock <= after);
}

int main(void) {
  RUN(every_result_has_a_name_of_its_own);
  RUN(header_and_library_are_of_one_version);
  RUN(the_clock_is_the_monotonic_one);
  return finish_tests();
}
